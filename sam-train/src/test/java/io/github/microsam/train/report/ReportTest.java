package io.github.microsam.train.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.image.EightBitImage;
import io.github.microsam.train.data.Sample;
import io.github.microsam.train.synthetic.SyntheticCells;
import io.github.microsam.train.synthetic.SyntheticKind;
import io.github.microsam.train.synthetic.SyntheticOptions;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  @TempDir private Path folder;

  @Test
  void rowsAreInTheFileAtOnceAndReadBackExactly() throws IOException {
    Path file = folder.resolve("new/metrics.csv");
    MetricLog log = MetricLog.create(file, List.of("step", "loss", "metric"));
    log.add(1, 1.0 / 3, Double.NaN);
    log.add(2, 1e-9, 0.5);
    assertEquals(
        List.of("step,loss,metric", "1,0.3333333333333333,", "2,1.0E-9,0.5"),
        Files.readAllLines(file));
    MetricLog read = MetricLog.read(file);
    assertArrayEquals(new double[] {1.0 / 3, 1e-9}, read.values("loss"));
    assertArrayEquals(new double[] {Double.NaN, 0.5}, read.values("metric"));
    assertThrows(IllegalArgumentException.class, () -> log.add(3, 1));
    assertThrows(IllegalArgumentException.class, () -> log.values("accuracy"));
  }

  @Test
  void aResumedTableLosesWhatWillBeWrittenAgain() throws IOException {
    Path file = folder.resolve("metrics.csv");
    List<String> columns = List.of("step", "loss");
    MetricLog log = MetricLog.create(file, columns);
    for (int step = 0; step < 5; step++) {
      log.add(step, step * 0.5);
    }
    MetricLog resumed = MetricLog.resume(file, columns, step -> step < 3);
    resumed.add(3, 7);
    assertEquals(List.of("step,loss", "0,0", "1,0.5", "2,1", "3,7"), Files.readAllLines(file));
    assertThrows(
        IllegalArgumentException.class,
        () -> MetricLog.resume(file, List.of("step", "error"), step -> true));
    assertEquals(
        0, MetricLog.resume(folder.resolve("b.csv"), columns, s -> true).values("loss").length);
  }

  @Test
  void plotsShowTheirCurves() throws IOException {
    MetricLog log = MetricLog.create(folder.resolve("m.csv"), List.of("step", "loss", "none"));
    for (int step = 0; step < 50; step++) {
      log.add(step, 1.0 / (1 + step), Double.NaN);
    }
    Path file = folder.resolve("curves.png");
    CurvePlot.of(log, "Training", "loss", List.of("loss", "none")).write(file);
    BufferedImage with = ImageIO.read(file.toFile());
    BufferedImage without = CurvePlot.of(log, "Training", "loss", List.of("none")).draw();
    assertTrue(blue(with) > 300, blue(with) + " pixels of the curve");
    assertEquals(0, blue(without), "pixels of a curve without values");
  }

  private static int blue(BufferedImage picture) {
    int count = 0;
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        count += (picture.getRGB(x, y) & 0xffffff) == 0x0072B2 ? 1 : 0;
      }
    }
    return count;
  }

  @Test
  void smoothingAveragesNeighboursAndSkipsGaps() {
    assertArrayEquals(
        new double[] {1.5, 1.5, 3, 4}, CurvePlot.smoothed(new double[] {1, 2, Double.NaN, 4}, 1));
  }

  @Test
  void picturesShowImageTruthPredictionAndMaps() {
    SyntheticOptions options = SyntheticOptions.of(SyntheticKind.NUCLEI).withSize(64, 48);
    var plane = SyntheticCells.generate(options, 1);
    EightBitImage rgb = plane.image().rgb();
    float[] image = new float[3 * 64 * 48];
    for (int i = 0; i < image.length; i++) {
      image[i] = rgb.pixels()[i] & 0xff;
    }
    Sample sample = new Sample(64, 48, image, plane.labels(), new float[0]);
    float[] maps = new float[2 * 64 * 48];
    maps[64 * 48] = 1;
    BufferedImage picture =
        new ValidationPicture(sample).withObjects(plane.labels()).withMaps(maps).draw();
    int step = 4 * 64 + 4;
    assertEquals(5 * step - 4, picture.getWidth());
    assertEquals(4 * 48, picture.getHeight());
    assertEquals(rgb.pixels()[0] & 0xff, picture.getRGB(0, 0) & 0xff, "the image");
    int differ = 0;
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < 4 * 64; x++) {
        assertEquals(picture.getRGB(step + x, y), picture.getRGB(2 * step + x, y), "objects");
        differ += picture.getRGB(x, y) == picture.getRGB(step + x, y) ? 0 : 1;
      }
    }
    assertTrue(differ > 100, "objects are drawn over the image");
    assertEquals(0xff000000, picture.getRGB(3 * step, 0));
    assertEquals(0xffffffff, picture.getRGB(4 * step, 0));
    assertNotEquals(0xffffffff, picture.getRGB(4 * step + 4, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ValidationPicture(sample).withObjects(new int[5]));
  }
}

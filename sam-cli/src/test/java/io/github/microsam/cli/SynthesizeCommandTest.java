package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.io.ImageFile;
import io.github.microsam.io.LabelFile;
import io.github.microsam.train.data.LabelledPlane;
import io.github.microsam.train.synthetic.SyntheticCells;
import io.github.microsam.train.synthetic.SyntheticKind;
import io.github.microsam.train.synthetic.SyntheticOptions;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;
import net.imglib2.Cursor;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SynthesizeCommandTest {
  @TempDir Path folder;

  @Test
  void imagesAndLabelsAreThoseOfTheLibraryPixelByPixel() throws IOException {
    for (SyntheticKind kind : new SyntheticKind[] {SyntheticKind.NUCLEI, SyntheticKind.TISSUE}) {
      String name = kind.name().toLowerCase(Locale.ROOT);
      CommandRun.of(
              "synthesize",
              "-o",
              folder,
              "--kind",
              name,
              "--count",
              2,
              "--size",
              "96x64",
              "--seed",
              5)
          .output();
      LabelledPlane plane = SyntheticCells.generate(SyntheticOptions.of(kind).withSize(96, 64), 6);
      String file = name + "_006.png";
      BufferedImage image = ImageIO.read(folder.resolve("images").resolve(file).toFile());
      assertEquals(96, image.getWidth());
      float[] expected = new float[96];
      float[] actual = new float[96];
      for (int c = 0; c < plane.image().channels(); c++) {
        for (int y = 0; y < 64; y++) {
          plane.image().readRow(c, y, expected);
          image.getRaster().getSamples(0, y, 96, 1, c, actual);
          assertArrayEquals(expected, actual, "row " + y + " of channel " + c);
        }
      }
      assertEquals(64, ImageFile.open(folder.resolve("images").resolve(file)).height());
      RandomAccessibleInterval<UnsignedIntType> labels =
          LabelFile.read(folder.resolve("labels").resolve(file));
      int[] read = new int[96 * 64];
      Cursor<UnsignedIntType> cursor = Views.flatIterable(labels).cursor();
      for (int i = 0; i < read.length; i++) {
        read[i] = cursor.next().getInt();
      }
      assertArrayEquals(plane.labels(), read);
    }
  }

  @Test
  void theLookCanBeChosen() throws IOException {
    Path dense = folder.resolve("dense");
    CommandRun.of(
            "synthesize",
            "-o",
            dense,
            "--count",
            1,
            "--size",
            "96x64",
            "--seed",
            3,
            "--density",
            0.6,
            "--overlap",
            0.3,
            "--blur",
            2,
            "--noise",
            0,
            "--background",
            0.3)
        .output();
    SyntheticOptions typical = SyntheticOptions.of(SyntheticKind.NUCLEI).withSize(96, 64);
    LabelledPlane plane =
        SyntheticCells.generate(
            typical
                .withObjects(typical.objects().withDensity(0.6).withTouching(0.4, 0.3))
                .withOptics(typical.optics().withBlur(2).withNoise(0).withBrightness(0.3, 0.5)),
            3);
    BufferedImage image = ImageIO.read(dense.resolve("images/nuclei_003.png").toFile());
    float[] expected = new float[96];
    float[] actual = new float[96];
    for (int y = 0; y < 64; y++) {
      plane.image().readRow(0, y, expected);
      image.getRaster().getSamples(0, y, 96, 1, 0, actual);
      assertArrayEquals(expected, actual, "row " + y);
    }
    String error = CommandRun.of("synthesize", "-o", folder, "--density", 2).misuse();
    assertTrue(error.contains("density 2.0 of a synthetic image; expected 0"), error);
  }

  @Test
  void filesThatExistAreNotReplaced() throws IOException {
    Path image = folder.resolve("images/nuclei_001.png");
    Files.createDirectories(image.getParent());
    Files.writeString(image, "mine");
    String error = CommandRun.of("synthesize", "-o", folder, "--size", "64x64").failure();
    assertTrue(error.contains("exists and is not replaced"), error);
    assertEquals("mine", Files.readString(image));
  }

  @Test
  void sizesAndCountsThatMakeNoSenseAreRefused() {
    for (String size : new String[] {"64", "x", "64x", "4x64", "64x64x3", "99999x64"}) {
      String error = CommandRun.of("synthesize", "-o", folder, "--size", size).misuse();
      assertTrue(error.contains("--size is " + size), error);
    }
    assertTrue(
        CommandRun.of("synthesize", "-o", folder, "--count", "0")
            .misuse()
            .contains("--count is 0"));
  }
}

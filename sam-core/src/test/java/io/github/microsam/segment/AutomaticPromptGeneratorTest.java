package io.github.microsam.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.embedding.TileEmbeddings;
import io.github.microsam.golden.Golden;
import io.github.microsam.image.ImageSource;
import io.github.microsam.image.Tiling;
import io.github.microsam.label.GaussianFilter;
import io.github.microsam.label.MaskNms;
import io.github.microsam.label.OverlapMeasure;
import io.github.microsam.label.RunLengths;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.Prompt;
import io.github.microsam.prompt.SamPredictor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.imglib2.FinalInterval;
import net.imglib2.Point;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AutomaticPromptGeneratorTest {
  @TempDir Path folder;

  /** The fixture's points come from smoothed maps. */
  @Test
  void pointsAreTheReferences() {
    Golden golden = Golden.open("ais");
    DistanceMaps maps =
        new DistanceMaps(
            GaussianFilter.smooth(Scenes.map(golden.array("foreground")), 1.0),
            GaussianFilter.smooth(Scenes.map(golden.array("center_distances")), 1.6),
            GaussianFilter.smooth(Scenes.map(golden.array("boundary_distances")), 1.6));
    List<Integer> actual = new ArrayList<>();
    for (Point p : PointPrompts.of(maps, ApgOptions.defaults())) {
      actual.add(p.getIntPosition(0));
      actual.add(p.getIntPosition(1));
    }
    assertArrayEquals(
        golden.array("bic__apg_points").ints(),
        actual.stream().mapToInt(Integer::intValue).toArray());
  }

  /** A perfect model: the mask of a point is the object that it is on, as far as it can be seen. */
  private static Segmentation ideal(
      RandomAccessibleInterval<UnsignedIntType> truth, Tiling tiling, ApgOptions options) {
    return ideal(truth, Scenes.idealMaps(truth), tiling, options);
  }

  private static Segmentation ideal(
      RandomAccessibleInterval<UnsignedIntType> truth,
      DistanceMaps maps,
      Tiling tiling,
      ApgOptions options) {
    int[] ids = Scenes.ids(truth);
    int width = tiling.width();
    return AutomaticPromptGenerator.segment(
        maps,
        tiling,
        options,
        (tile, points) -> {
          Tiling.Region r = tiling.outer(tile);
          List<MaskCandidate> found = new ArrayList<>();
          for (Point p : points) {
            int id = ids[p.getIntPosition(1) * width + p.getIntPosition(0)];
            boolean[] mask = new boolean[r.width() * r.height()];
            for (int i = 0; i < mask.length; i++) {
              int at = (r.y() + i / r.width()) * width + r.x() + i % r.width();
              mask[i] = ids[at] == id;
            }
            RunLengths runs =
                RunLengths.ofPixels(
                    FinalInterval.createMinSize(r.x(), r.y(), r.width(), r.height()), mask);
            found.add(new MaskCandidate(runs, 0.9f, 1, p.getIntPosition(0), p.getIntPosition(1)));
          }
          return found;
        },
        SegmentationListener.SILENT);
  }

  @Test
  void threeDisksAreFoundAlsoInTiles() {
    ApgOptions options = ApgOptions.defaults().withMapThresholds(0.5, 0.5, 0.8).withMinSize(100);
    for (int side : new int[] {256, 1024}) {
      RandomAccessibleInterval<UnsignedIntType> truth = Scenes.threeDisks(side);
      DistanceMaps maps = Scenes.idealMaps(truth);
      maps.write(folder.resolve("state"));
      DistanceMaps restored = DistanceMaps.read(folder.resolve("state"));
      Tiling whole = new Tiles.Whole().of(side, side);
      Tiling tiles = Tiling.square(side, side, 512, 96);
      for (Tiling tiling : List.of(whole, tiles)) {
        Segmentation objects = ideal(truth, maps, tiling, options);
        Scenes.assertFound(truth, objects.labels());
        Scenes.assertSameLabels(objects.labels(), ideal(truth, maps, tiling, options).labels());
        Scenes.assertSameLabels(objects.labels(), ideal(truth, restored, tiling, options).labels());
        assertEquals(3, objects.iouPredictions().size());
        assertEquals(0.9f, objects.iouPredictions().get(2L));
      }
      Scenes.assertSameObjects(
          ideal(truth, maps, whole, options).labels(),
          ideal(truth, maps, tiles, options).labels(),
          0.99);
    }
  }

  @Test
  void objectsOnEveryBorderAndCornerOfTilesAreWhole() {
    Tiling tiling = Tiling.square(300, 250, 100, 40);
    RandomAccessibleInterval<UnsignedIntType> truth = Scenes.onEveryBorder(tiling, 17);
    Segmentation whole = ideal(truth, new Tiles.Whole().of(300, 250), ApgOptions.defaults());
    assertEquals(25, whole.count(), "objects");
    Segmentation tiled = ideal(truth, tiling, ApgOptions.defaults());
    assertEquals(25, tiled.count(), "objects");
    Scenes.assertSameObjects(whole.labels(), tiled.labels(), 0.99);
  }

  @Test
  void masksOfTwoTilesAreComparedWhereBothSee() {
    // One object from x 0 to 39; the first tile shows x < 30, the second x ≥ 10.
    FinalInterval left = FinalInterval.createMinSize(0, 0, 30, 10);
    FinalInterval right = FinalInterval.createMinSize(10, 0, 40, 10);
    boolean[] all = new boolean[300];
    Arrays.fill(all, true);
    boolean[] part = new boolean[400];
    for (int i = 0; i < part.length; i++) {
      part[i] = i % 40 < 30;
    }
    List<RunLengths> masks =
        List.of(RunLengths.ofPixels(left, all), RunLengths.ofPixels(right, part));
    float[] scores = {0.8f, 0.9f};
    assertArrayEquals(
        new int[] {1}, MaskNms.keep(masks, List.of(left, right), scores, 0.9, OverlapMeasure.IOU));
    assertArrayEquals(new int[] {1, 0}, MaskNms.keep(masks, scores, 0.9, OverlapMeasure.IOU));
  }

  @Test
  void boxesAreCutAtTheTruePlaces() {
    // Wider than high: the reference cuts x at the height.
    Tiling.Region tile = new Tiling.Region(100, 50, 200, 60);
    assertEquals(
        Prompt.box(149, 0, 200, 40.4),
        AutomaticPromptGenerator.box(FinalInterval.createMinMax(250, 50, 349, 89), tile));
    Prompt.Box low =
        AutomaticPromptGenerator.box(FinalInterval.createMinMax(110, 70, 199, 109), tile)
            .box()
            .orElseThrow();
    assertEquals(9.1, low.x0(), 1e-9);
    assertEquals(19.6, low.y0(), 1e-9);
    assertEquals(100.9, low.x1(), 1e-9);
    assertEquals(60, low.y1());
  }

  @Test
  void aModelPromptsItselfAlsoInTilesByTheMaskThreshold() {
    byte[] pixels = new byte[100 * 70];
    new Random(2).nextBytes(pixels);
    ImageSource image = ImageSource.of(ArrayImgs.unsignedBytes(pixels, 100, 70));
    RandomAccessibleInterval<UnsignedIntType> truth =
        Scenes.disks(100, 70, List.of(new double[] {20, 30, 12}, new double[] {70, 40, 15}));
    DistanceMaps maps = Scenes.idealMaps(truth);
    try (SamModel model = Scenes.tinyModel(true)) {
      AutomaticPromptGenerator generator = new AutomaticPromptGenerator(model);
      SamPredictor predictor = new SamPredictor(model);
      ApgOptions options = ApgOptions.defaults();
      for (Tiling tiling : List.of(new Tiles.Whole().of(100, 70), Tiling.square(100, 70, 50, 10))) {
        TileEmbeddings tiles = TileEmbeddings.compute(predictor, image, tiling);
        for (ApgOptions o :
            List.of(
                options,
                options.withRefinement(true).withMultimasking(true),
                options.withMaskThreshold(new MaskThreshold.LocalOtsu()).withBatchSize(1))) {
          Segmentation one = generator.segment(maps, tiles, o, SegmentationListener.SILENT);
          Segmentation two = generator.segment(maps, tiles, o, SegmentationListener.SILENT);
          Scenes.assertSameLabels(one.labels(), two.labels());
          assertEquals(one.count(), one.iouPredictions().size());
        }
        // Above all logits no mask is left, below all of them each covers its tile.
        assertEquals(0, atThreshold(1e9, generator, maps, tiles).count());
        assertTrue(atThreshold(-1e9, generator, maps, tiles).count() > 0);
      }
      TileEmbeddings other =
          TileEmbeddings.compute(
              predictor, image.part(new Tiling.Region(0, 0, 90, 70)), new Tiles.Whole().of(90, 70));
      assertThrows(
          SegmentationException.class,
          () -> generator.segment(maps, other, options, SegmentationListener.SILENT));
    }
  }

  private static Segmentation atThreshold(
      double threshold,
      AutomaticPromptGenerator generator,
      DistanceMaps maps,
      TileEmbeddings tiles) {
    ApgOptions options =
        ApgOptions.defaults().withMaskThreshold(new MaskThreshold.Fixed(threshold));
    return generator.segment(maps, tiles, options, SegmentationListener.SILENT);
  }

  @Test
  void nothingIsPromptedWhereNothingIs() {
    RandomAccessibleInterval<UnsignedIntType> empty = ArrayImgs.unsignedInts(30, 20);
    Segmentation none = ideal(empty, new Tiles.Whole().of(30, 20), ApgOptions.defaults());
    assertEquals(0, none.count());
  }

  @Test
  void otsuSeparatesTwoLevels() {
    int side = 40;
    float[] values = new float[side * side];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % side < 20 ? -4 : 3;
    }
    double threshold = OtsuThreshold.highest(values, side);
    assertTrue(threshold >= 0 && threshold < 3, "" + threshold);
    // A bright core in a dim object: the core's window has the highest threshold.
    for (int i = 0; i < values.length; i++) {
      int x = i % side;
      int y = i / side;
      values[i] = x < 4 || y < 4 ? -10 : x > 15 && x < 25 && y > 15 && y < 25 ? 10 : 2;
    }
    double core = OtsuThreshold.highest(values, side);
    assertEquals(plainOtsu(values, side), core, 1e-6);
    assertEquals(0, OtsuThreshold.highest(new float[side * side], side));
  }

  /** Window by window, histogram by histogram. */
  private static double plainOtsu(float[] values, int side) {
    float least = Float.MAX_VALUE;
    float most = -Float.MAX_VALUE;
    for (float v : values) {
      least = Math.min(least, v);
      most = Math.max(most, v);
    }
    double highest = 0;
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        double[] histogram = new double[64];
        for (int dy = -15; dy <= 15; dy++) {
          for (int dx = -15; dx <= 15; dx++) {
            boolean in = x + dx >= 0 && x + dx < side && y + dy >= 0 && y + dy < side;
            float v = in ? values[(y + dy) * side + x + dx] : least;
            histogram[(int) ((v - least) / (most - least) * 63)]++;
          }
        }
        int best = 0;
        double largest = -1;
        for (int t = 0; t < 64; t++) {
          double w1 = 0;
          double w2 = 0;
          double m1 = 0;
          double m2 = 0;
          for (int b = 0; b < 64; b++) {
            if (b <= t) {
              w1 += histogram[b];
              m1 += b * histogram[b];
            } else {
              w2 += histogram[b];
              m2 += b * histogram[b];
            }
          }
          double d = w1 == 0 || w2 == 0 ? 0 : m1 / w1 - m2 / w2;
          if (w1 * w2 * d * d > largest * (1 + 1e-12)) {
            largest = w1 * w2 * d * d;
            best = t;
          }
        }
        highest = Math.max(highest, least + best / 63.0 * (most - least));
      }
    }
    return highest;
  }
}

package io.github.microsam.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.microsam.golden.Golden;
import io.github.microsam.image.ImageException;
import io.github.microsam.image.Tiling;
import io.github.microsam.label.RunLengths;
import io.github.microsam.label.SmallRegions;
import io.github.microsam.label.StabilityScore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import net.imglib2.FinalInterval;
import net.imglib2.Interval;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.util.Intervals;
import net.imglib2.view.Views;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The set {@code amg}, and grids over images whose objects are known. */
class GridMasksTest {
  private static final int WIDTH = 128;
  private static final int HEIGHT = 96;

  @TempDir Path folder;

  @Test
  void theGridIsSams() {
    assertArrayEquals(Golden.open("amg").array("grid_n8").floats(), flat(PointGrid.of(8)));
  }

  @Test
  void pointsMayBeGiven() {
    PointGridOptions.Position left = new PointGridOptions.Position(0.25, 0.5);
    PointGridOptions.Position corner = new PointGridOptions.Position(1, 1);
    PointGridOptions own =
        PointGridOptions.defaults()
            .withPositions(List.of(List.of(left, corner), List.of(left)))
            .withCrops(1, 0.3, 2)
            .withPointsPerBatch(1);
    List<List<double[]>> layers = PointGrid.ofLayers(own);
    assertArrayEquals(new float[] {0.25f, 0.5f, 1, 1}, flat(layers.get(0)));
    assertArrayEquals(new float[] {0.25f, 0.5f}, flat(layers.get(1)));
    assertThrows(SegmentationException.class, () -> own.withCrops(2, 0.3, 2));
    assertThrows(SegmentationException.class, () -> new PointGridOptions.Position(0, 1.1));
    assertThrows(SegmentationException.class, () -> new PointGridOptions.Position(Double.NaN, 0));
  }

  private static float[] flat(List<double[]> grid) {
    float[] flat = new float[2 * grid.size()];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = (float) grid.get(i / 2)[i % 2];
    }
    return flat;
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "2, 2"})
  void gridsAreSams(int layers, int downscale) {
    Golden golden = Golden.open("amg");
    PointGridOptions options =
        PointGridOptions.defaults().withPointsPerSide(8).withCrops(layers, 0.3, downscale);
    List<List<double[]>> grids = PointGrid.ofLayers(options);
    assertEquals(layers + 1, grids.size());
    for (int layer = 0; layer <= layers; layer++) {
      assertArrayEquals(
          golden.array("grids_n8_l%d_d%d_%d".formatted(layers, downscale, layer)).floats(),
          flat(grids.get(layer)));
    }
  }

  @ParameterizedTest
  @CsvSource({"480, 640, 1", "481, 333, 2"})
  void cropsAreSams(int height, int width, int layers) {
    Golden golden = Golden.open("amg");
    List<Crop> crops = Crop.layers(width, height, layers, 512.0 / 1500);
    String size = "_%dx%d_l%d".formatted(height, width, layers);
    int[] boxes =
        crops.stream()
            .map(Crop::region)
            .flatMapToInt(r -> IntStream.of(r.x(), r.y(), r.x() + r.width(), r.y() + r.height()))
            .toArray();
    assertArrayEquals(golden.array("crop_boxes" + size).ints(), boxes);
    assertArrayEquals(
        golden.array("crop_layers" + size).ints(), crops.stream().mapToInt(Crop::layer).toArray());
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 128, 96", "10, 5, 120, 90"})
  void masksThatTheCropCutsAreThoseOfSam(int x, int y, int right, int bottom) {
    Golden golden = Golden.open("amg");
    int[] boxes = golden.array("boxes").ints();
    int[] expected = golden.array("near_edge_%d_%d_%d_%d".formatted(x, y, right, bottom)).ints();
    Crop crop = new Crop(new Tiling.Region(x, y, right - x, bottom - y), 0);
    for (int i = 0; i < expected.length; i++) {
      Interval box =
          FinalInterval.createMinMax(
              x + boxes[4 * i], y + boxes[4 * i + 1], x + boxes[4 * i + 2], y + boxes[4 * i + 3]);
      assertEquals(expected[i] != 0, crop.cuts(box, 200, 150), "box " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"default", "loose", "minarea", "nobg"})
  void objectsAreTheReferences(String name) {
    Golden golden = Golden.open("amg");
    GridMasks masks = goldenMasks(golden, List.of(new Tiling.Region(0, 0, WIDTH, HEIGHT)));
    MaskSelectionOptions options = MaskSelectionOptions.defaults();
    options = name.equals("default") ? options : options.withThresholds(0.8, 0.5);
    options = name.equals("minarea") ? options.withMinRegionArea(25) : options;
    options = options.withBackground(!name.equals("nobg"));
    List<MaskCandidate> chosen = masks.masks(options);
    JsonArray expected = golden.scalars().getAsJsonArray("generate_" + name);
    assertEquals(expected.size(), chosen.size(), "number of masks");
    for (int i = 0; i < chosen.size(); i++) {
      JsonObject record = expected.get(i).getAsJsonObject();
      assertSameMask(record, chosen.get(i));
      assertEquals(
          record.get("predicted_iou").getAsFloat(), chosen.get(i).iouPrediction(), "IoU " + i);
      assertEquals(
          record.get("stability_score").getAsFloat(), chosen.get(i).stability(), 1e-6, "" + i);
    }
    RandomAccessibleInterval<UnsignedIntType> labels =
        Scenes.labels(golden.array("generate_" + name + "__segmentation"));
    Segmentation objects = masks.segment(options);
    Scenes.assertSameLabels(labels, objects.labels());
    Scenes.assertSameLabels(labels, masks.segment(options).labels());
    assertEquals(objects.count(), objects.iouPredictions().size());
  }

  @Test
  void ofTwoCropsTheSmallerOnesMasksWin() {
    Golden golden = Golden.open("amg");
    GridMasks masks =
        goldenMasks(
            golden,
            List.of(new Tiling.Region(0, 0, WIDTH, HEIGHT), new Tiling.Region(20, 10, 96, 80)));
    List<MaskCandidate> chosen =
        masks.masks(MaskSelectionOptions.defaults().withThresholds(0.8, 0.5));
    JsonArray expected = golden.scalars().getAsJsonArray("generate_two_crops");
    assertEquals(expected.size(), chosen.size());
    for (int i = 0; i < chosen.size(); i++) {
      assertSameMask(expected.get(i).getAsJsonObject(), chosen.get(i));
    }
  }

  private static void assertSameMask(JsonObject record, MaskCandidate mask) {
    assertEquals(record.get("area").getAsLong(), mask.mask().area());
    JsonArray box = record.getAsJsonArray("bbox_xywh");
    assertEquals(box.get(0).getAsLong(), mask.box().min(0));
    assertEquals(box.get(1).getAsLong(), mask.box().min(1));
    // The reference's width and height are one too small.
    assertEquals(box.get(2).getAsLong() + 1, mask.box().dimension(0));
    assertEquals(box.get(3).getAsLong() + 1, mask.box().dimension(1));
  }

  /** The fixture's logits as masks of crops; a second crop has the first eight, as there. */
  private static GridMasks goldenMasks(Golden golden, List<Tiling.Region> regions) {
    float[] logits = golden.array("logits").floats();
    float[] iou = golden.array("ious").floats();
    int n = WIDTH * HEIGHT;
    return GridScan.scan(
        WIDTH,
        HEIGHT,
        regions.stream().map(r -> new Crop(r, 0)).toList(),
        List.of(PointGrid.of(1)),
        64,
        (crop, points) -> {
          Tiling.Region r = regions.get(crop);
          List<MaskCandidate> masks = new ArrayList<>();
          for (int i = 0; i < (crop == 0 ? iou.length : 8); i++) {
            RandomAccessibleInterval<FloatType> part =
                Views.interval(
                    ArrayImgs.floats(Arrays.copyOfRange(logits, i * n, (i + 1) * n), WIDTH, HEIGHT),
                    FinalInterval.createMinSize(r.x(), r.y(), r.width(), r.height()));
            RunLengths mask = RunLengths.above(part, 0);
            if (mask.area() > 0) {
              masks.add(
                  new MaskCandidate(mask, iou[i], StabilityScore.of(part, 0, 1), 3.0 * i, 2.0 * i));
            }
          }
          return masks;
        },
        SegmentationListener.SILENT);
  }

  @Test
  void masksThatWereWrittenAreTheSame() {
    Golden golden = Golden.open("amg");
    GridMasks masks = goldenMasks(golden, List.of(new Tiling.Region(0, 0, WIDTH, HEIGHT)));
    Path file = folder.resolve("state");
    masks.write(file);
    GridMasks restored = GridMasks.read(file);
    assertEquals(masks.count(), restored.count());
    MaskSelectionOptions loose = MaskSelectionOptions.defaults().withThresholds(0.5, 0.5);
    assertEquals(masks.masks(loose), restored.masks(loose));
    Scenes.assertSameLabels(masks.segment(loose).labels(), restored.segment(loose).labels());
    assertThrows(ImageException.class, () -> DistanceMaps.read(file));
  }

  /** A perfect model: the mask of a point is the object that it is on, as far as it can be seen. */
  private static GridMasks ideal(
      RandomAccessibleInterval<UnsignedIntType> truth, Tiling tiling, int pointsPerSide) {
    List<Crop> tiles =
        IntStream.range(0, tiling.count()).mapToObj(t -> new Crop(tiling.outer(t), 0)).toList();
    return GridScan.scan(
        tiling.width(),
        tiling.height(),
        tiles,
        List.of(PointGrid.of(pointsPerSide)),
        64,
        (crop, points) -> idealMasks(truth, tiles.get(crop).region(), points),
        SegmentationListener.SILENT);
  }

  private static List<MaskCandidate> idealMasks(
      RandomAccessibleInterval<UnsignedIntType> truth, Tiling.Region r, List<double[]> points) {
    int[] ids = Scenes.ids(Scenes.part(truth, r));
    Map<Integer, RunLengths> masks = new HashMap<>();
    List<MaskCandidate> found = new ArrayList<>();
    for (double[] p : points) {
      int id = ids[((int) p[1]) * r.width() + ((int) p[0])];
      if (id == 0) {
        continue;
      }
      masks.computeIfAbsent(
          id,
          k -> {
            boolean[] mask = new boolean[ids.length];
            for (int i = 0; i < mask.length; i++) {
              mask[i] = ids[i] == k;
            }
            return RunLengths.ofPixels(
                FinalInterval.createMinSize(r.x(), r.y(), r.width(), r.height()), mask);
          });
      found.add(new MaskCandidate(masks.get(id), 0.95f, 0.98f, r.x() + p[0], r.y() + p[1]));
    }
    return found;
  }

  @Test
  void threeDisksAreFoundAlsoInTiles() {
    MaskSelectionOptions options = MaskSelectionOptions.defaults();
    for (int side : new int[] {256, 1024}) {
      RandomAccessibleInterval<UnsignedIntType> truth = Scenes.threeDisks(side);
      GridMasks masks = ideal(truth, new Tiling(side, side, side, side, 0, 0), side / 16);
      GridMasks ofTiles = ideal(truth, Tiling.square(side, side, 512, 96), 20);
      for (GridMasks state : List.of(masks, ofTiles)) {
        Segmentation objects = state.segment(options);
        Scenes.assertFound(truth, objects.labels());
        Scenes.assertSameLabels(objects.labels(), state.segment(options).labels());
        Path file = folder.resolve("state");
        state.write(file);
        Segmentation restored = GridMasks.read(file).segment(options);
        Scenes.assertSameLabels(objects.labels(), restored.labels());
        assertEquals(objects.iouPredictions(), restored.iouPredictions());
      }
      Scenes.assertSameObjects(
          masks.segment(options).labels(), ofTiles.segment(options).labels(), 0.99);
    }
  }

  /** Also where what is around the mask is a small hole, on one side or on all. */
  @Test
  void masksAreCleanedAsInTheWholeImage() {
    Random random = new Random(5);
    int changed = 0;
    for (int trial = 0; trial < 2000; trial++) {
      Interval image = new FinalInterval(1 + random.nextInt(40), 1 + random.nextInt(40));
      Interval part = part(image, random);
      boolean[] pixels = new boolean[(int) Intervals.numElements(part)];
      double density = random.nextDouble();
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = random.nextDouble() < density;
      }
      pixels[random.nextInt(pixels.length)] = true;
      long area = 1L + random.nextInt(random.nextBoolean() ? 10 : 800);
      area = trial % 20 == 0 ? Long.MAX_VALUE : area;
      MaskCandidate mask = new MaskCandidate(RunLengths.ofPixels(part, pixels), 1, 1, 0, 0);
      SmallRegions.Cleaned filled =
          SmallRegions.fillHoles(mask.mask().within(image).toMask(), area);
      SmallRegions.Cleaned whole = SmallRegions.removeIslands(filled.mask(), area);
      Optional<MaskCandidate> cleaned = GridMasks.cleaned(mask, image, area);
      String what = "%s in %s, area %d".formatted(mask.box(), image, area);
      assertEquals(filled.changed() || whole.changed(), cleaned.isPresent(), what);
      if (cleaned.isPresent()) {
        assertEquals(RunLengths.of(whole.mask()), cleaned.get().mask().within(image), what);
        changed++;
      }
    }
    assertTrue(changed > 500 && changed < 2000, "changed " + changed);
  }

  private static Interval part(Interval image, Random random) {
    long[] from = new long[2];
    long[] to = new long[2];
    for (int d = 0; d < 2; d++) {
      int side = (int) image.dimension(d);
      int one = random.nextInt(side);
      int two = random.nextInt(side);
      from[d] = Math.min(one, two);
      to[d] = Math.max(one, two);
    }
    return new FinalInterval(from, to);
  }

  @Test
  void smallObjectsAreLeftOut() {
    RandomAccessibleInterval<UnsignedIntType> truth = Scenes.threeDisks(256);
    long[] areas = new long[4];
    for (int id : Scenes.ids(truth)) {
      areas[id]++;
    }
    GridMasks masks = ideal(truth, new Tiling(256, 256, 256, 256, 0, 0), 16);
    MaskSelectionOptions options = MaskSelectionOptions.defaults();
    assertEquals(3, masks.segment(options.withMinSize(areas[1])).count());
    Segmentation large = masks.segment(options.withMinSize(areas[1] + 1));
    assertEquals(2, large.count());
    for (int i = 2; i <= 3; i++) {
      int id = i;
      assertEquals(
          areas[id],
          Arrays.stream(Scenes.ids(large.labels())).filter(v -> v == id - 1).count(),
          "object " + id);
    }
  }

  @Test
  void objectsOnEveryBorderAndCornerOfTilesAreWhole() {
    Tiling tiling = Tiling.square(420, 400, 140, 60);
    RandomAccessibleInterval<UnsignedIntType> truth = Scenes.onEveryBorder(tiling, 17);
    Segmentation whole =
        ideal(truth, new Tiling(420, 400, 420, 400, 0, 0), 30)
            .segment(MaskSelectionOptions.defaults());
    assertEquals(25, whole.count(), "objects");
    Segmentation tiled = ideal(truth, tiling, 20).segment(MaskSelectionOptions.defaults());
    Scenes.assertSameObjects(whole.labels(), tiled.labels(), 0.99);
    assertEquals(25, tiled.count(), "objects");
  }

  @Test
  void boxesHoldTheirMasks() {
    boolean[] mask = new boolean[20 * 20];
    for (int y = 7; y < 9; y++) {
      for (int x = 3; x < 5; x++) {
        mask[y * 20 + x] = true;
      }
    }
    RunLengths runs = RunLengths.ofPixels(new FinalInterval(20, 20), mask);
    MaskCandidate candidate = new MaskCandidate(runs, 1, 1, 3, 7);
    assertEquals(FinalInterval.createMinMax(3, 7, 4, 8), new FinalInterval(candidate.box()), "box");
  }

  @Test
  void masksMoveToOtherFrames() {
    boolean[] mask = new boolean[6 * 5];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % 3 != 0 || i > 20;
    }
    RunLengths small = RunLengths.ofPixels(FinalInterval.createMinSize(2, 3, 6, 5), mask);
    for (FinalInterval frame :
        List.of(
            new FinalInterval(10, 9),
            FinalInterval.createMinSize(4, 1, 3, 6),
            FinalInterval.createMinSize(2, 3, 6, 5),
            FinalInterval.createMinSize(20, 20, 2, 2))) {
      boolean[] expected = new boolean[(int) Intervals.numElements(frame)];
      for (int i = 0; i < expected.length; i++) {
        long x = frame.min(0) + i % frame.dimension(0) - 2;
        long y = frame.min(1) + i / frame.dimension(0) - 3;
        expected[i] = x >= 0 && x < 6 && y >= 0 && y < 5 && mask[(int) (y * 6 + x)];
      }
      assertEquals(RunLengths.ofPixels(frame, expected), small.within(frame));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> RunLengths.ofPixels(new FinalInterval(3, 3), new boolean[8]));
  }

  @Test
  void wildOptionsAreRefused() {
    PointGridOptions grid = PointGridOptions.defaults();
    assertThrows(SegmentationException.class, () -> grid.withPointsPerSide(0));
    assertThrows(SegmentationException.class, () -> grid.withCrops(9, 0.3, 1));
    MaskSelectionOptions selection = MaskSelectionOptions.defaults();
    assertThrows(SegmentationException.class, () -> selection.withThresholds(Double.NaN, 0.5));
    assertThrows(SegmentationException.class, () -> selection.withMinSize(-1));
  }
}

package io.github.microsam.label;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.golden.Golden;
import java.util.ArrayList;
import java.util.List;
import net.imglib2.Point;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.type.numeric.real.FloatType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The set {@code ais}, put together here from the algorithms as micro-sam does. Where the manifest
 * says "compare by IoU", the result is the same pixel by pixel nevertheless, but for the tiled one.
 */
class AisGoldenTest {
  private static final GaussianOptions VIGRA =
      GaussianOptions.defaults().withTruncation(GaussianOptions.Truncation.ROUND_3);

  private Golden golden;
  private RandomAccessibleInterval<FloatType> foreground;
  private RandomAccessibleInterval<FloatType> center;
  private RandomAccessibleInterval<FloatType> boundary;

  @BeforeEach
  void open() {
    golden = Golden.open("ais");
    foreground = Images.values(golden.array("foreground"));
    center = Images.values(golden.array("center_distances"));
    boundary = Images.values(golden.array("boundary_distances"));
  }

  @Test
  void gaussianHasBothRadii() {
    for (String sigma : List.of("0.7", "1.0", "1.6")) {
      double s = Double.parseDouble(sigma);
      golden.assertMatches(
          "bic__gauss_" + sigma + "_center",
          new long[] {96, 128},
          Images.floats(GaussianFilter.smooth(center, s)));
      golden.assertMatches(
          "legacy__gauss_" + sigma + "_center",
          new long[] {96, 128},
          Images.floats(GaussianFilter.smooth(center, s, VIGRA)));
    }
  }

  @Test
  void watershedsTieBreakingIsTheReferences() {
    RandomAccessibleInterval<UnsignedIntType> seeds =
        SequentialLabels.relabel(Images.labels(golden.array("ws_seeds")));
    for (String height : List.of("ws", "ws_plateau")) {
      RandomAccessibleInterval<FloatType> map = Images.values(golden.array(height + "_height"));
      boolean[] everywhere = new boolean[96 * 128];
      java.util.Arrays.fill(everywhere, true);
      Images.assertSame(
          "bic__" + height,
          golden.array("bic__" + height + "_seg"),
          SeededWatershed.flood(map, seeds));
      Images.assertSame(
          "legacy__" + height,
          golden.array("legacy__" + height + "_seg"),
          SeededWatershed.flood(map, seeds, Images.mask(everywhere, 128, 96), FloodOrder.HEAP));
    }
  }

  @Test
  void seedsOfTheWatershedAreComponentsOfLowGround() {
    boolean[] low = below(Images.values(golden.array("ws_height")), 0.25);
    Images.assertSame(
        "ws_seeds",
        golden.array("ws_seeds"),
        ConnectedComponents.of(Images.mask(low, 128, 96), Connectivity.FULL));
    assertEquals(33, golden.scalars().get("ws_n_seeds").getAsInt());
  }

  @Test
  void segmentationFromMapsIsTheReferencesPixelByPixel() {
    assertSegmentation("default", 1.6, 0.5, 0.5, 0.5, 0);
    assertSegmentation("min20", 1.6, 0.5, 0.5, 0.5, 20);
    assertSegmentation("nosmooth", 0, 0.5, 0.5, 0.5, 0);
    assertSegmentation("thr", 1.6, 0.3, 0.6, 0.7, 0);
  }

  private void assertSegmentation(
      String name, double sigma, double centerT, double boundaryT, double fgT, int minSize) {
    for (FloodOrder order : FloodOrder.values()) {
      String prefix = order == FloodOrder.BUCKETS ? "bic__" : "legacy__";
      GaussianOptions options = order == FloodOrder.BUCKETS ? GaussianOptions.defaults() : VIGRA;
      Maps maps =
          new Maps(
              foreground,
              GaussianFilter.smooth(center, sigma, options),
              GaussianFilter.smooth(boundary, sigma, options));
      RandomAccessibleInterval<UnsignedIntType> seeds =
          ConnectedComponents.of(maps.seeds(centerT, boundaryT, fgT), Connectivity.FULL);
      Images.assertSame(
          prefix + name + "__markers", golden.array(prefix + name + "__markers"), seeds);
      RandomAccessibleInterval<UnsignedIntType> segmentation =
          SeededWatershed.flood(maps.boundary, seeds, maps.mask(fgT), order);
      if (minSize > 0) {
        segmentation = SequentialLabels.removeSmall(segmentation, minSize);
      }
      Images.assertSame(
          prefix + name + "__seg", golden.array(prefix + name + "__seg"), segmentation);
    }
  }

  private Maps smoothed() {
    return new Maps(
        GaussianFilter.smooth(foreground, 1.0),
        GaussianFilter.smooth(center, 1.6),
        GaussianFilter.smooth(boundary, 1.6));
  }

  private RandomAccessibleInterval<UnsignedIntType> segmentation(Connectivity ofSeeds) {
    Maps maps = smoothed();
    return SeededWatershed.flood(
        maps.boundary,
        ConnectedComponents.of(maps.seeds(0.5, 0.5, 0.5), ofSeeds),
        maps.mask(0.5),
        FloodOrder.BUCKETS);
  }

  @Test
  void generateSmoothsTheForegroundToo() {
    RandomAccessibleInterval<UnsignedIntType> segmentation = segmentation(Connectivity.FULL);
    Images.assertSame("bic__generate_default", golden.array("bic__generate_default"), segmentation);
    Images.assertSame(
        "bic__generate_min30",
        golden.array("bic__generate_min30"),
        SequentialLabels.removeSmall(segmentation, 30));
  }

  /** Blocks and smoothing in place make it another segmentation; objects are the same. */
  @Test
  void tiledGenerateHasTheSameObjects() {
    RandomAccessibleInterval<UnsignedIntType> segmentation = segmentation(Connectivity.FACES);
    LabelOverlap overlap =
        LabelOverlap.of(segmentation, Images.labels(golden.array("bic__generate_tiled")));
    Matching matching = Matching.of(overlap, 0.9, MatchCriterion.IOU);
    assertEquals(0, matching.falsePositives(), "objects that the tiled segmentation has not");
    assertEquals(0, matching.falseNegatives(), "objects that only the tiled segmentation has");
    assertTrue(matching.truePositives() > 5);
  }

  @Test
  void pointPromptsAreTheDeepestPixelsOfTheSeeds() {
    RandomAccessibleInterval<UnsignedIntType> seeds =
        ConnectedComponents.of(smoothed().seeds(0.5, 0.5, 0.5), Connectivity.FACES);
    boolean[] edges = FindBoundaries.find(Pixels.ids(seeds), Grid.of(seeds), BoundaryMode.OUTER);
    for (int i = 0; i < edges.length; i++) {
      int x = i % 128;
      int y = i / 128;
      edges[i] |= x == 0 || x == 127 || y == 0 || y == 95;
    }
    List<Integer> actual = new ArrayList<>();
    for (Point point :
        ObjectCenters.maxima(seeds, DistanceTransform.toNearest(Images.mask(edges, 128, 96)))
            .values()) {
      actual.add(point.getIntPosition(0));
      actual.add(point.getIntPosition(1));
    }
    assertArrayEquals(
        golden.array("bic__apg_points").ints(),
        actual.stream().mapToInt(Integer::intValue).toArray());
  }

  private record Maps(
      RandomAccessibleInterval<FloatType> foreground,
      RandomAccessibleInterval<FloatType> center,
      RandomAccessibleInterval<FloatType> boundary) {

    RandomAccessibleInterval<NativeBoolType> seeds(double centerT, double boundaryT, double fgT) {
      boolean[] out = below(center, centerT);
      boolean[] inside = below(boundary, boundaryT);
      boolean[] object = above(foreground, fgT);
      for (int i = 0; i < out.length; i++) {
        out[i] &= inside[i] && object[i];
      }
      return ArrayImgs.booleans(out, foreground.dimensionsAsLongArray());
    }

    RandomAccessibleInterval<NativeBoolType> mask(double fgT) {
      return ArrayImgs.booleans(above(foreground, fgT), foreground.dimensionsAsLongArray());
    }
  }

  private static boolean[] below(RandomAccessibleInterval<FloatType> map, double threshold) {
    float[] values = Images.floats(map);
    boolean[] out = new boolean[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i] < (float) threshold;
    }
    return out;
  }

  private static boolean[] above(RandomAccessibleInterval<FloatType> map, double threshold) {
    float[] values = Images.floats(map);
    boolean[] out = new boolean[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i] > (float) threshold;
    }
    return out;
  }
}

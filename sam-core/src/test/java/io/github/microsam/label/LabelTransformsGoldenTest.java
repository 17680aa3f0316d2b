package io.github.microsam.label;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.microsam.golden.Golden;
import io.github.microsam.golden.NpyArray;
import java.util.List;
import java.util.Map;
import net.imglib2.Point;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.type.numeric.integer.IntType;
import net.imglib2.type.numeric.real.FloatType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The set {@code label_transforms}; entries bic__* name the same files as legacy__*. */
class LabelTransformsGoldenTest {
  private Golden golden;
  private RandomAccessibleInterval<IntType> labels;

  @BeforeEach
  void open() {
    golden = Golden.open("label_transforms");
    labels = Images.labels(golden.array("labels"));
  }

  @Test
  void componentsOfEqualLabels() {
    Images.assertSame(
        "label_conn8",
        golden.array("label_conn8"),
        ConnectedComponents.ofLabels(labels, Connectivity.FULL));
    Images.assertSame(
        "label_conn4",
        golden.array("label_conn4"),
        ConnectedComponents.ofLabels(labels, Connectivity.FACES));
  }

  @Test
  void relabellingAndSizeFilter() {
    Images.assertSame(
        "relabel_sequential", golden.array("relabel_sequential"), SequentialLabels.relabel(labels));
    Images.assertSame(
        "size_filter_25", golden.array("size_filter_25"), SequentialLabels.removeSmall(labels, 25));
  }

  @Test
  void boundariesInAllModes() {
    for (BoundaryMode mode : BoundaryMode.values()) {
      String name = "boundaries_" + mode.name().toLowerCase(java.util.Locale.ROOT);
      Images.assertSame(
          name, golden.array(name).ints(), Images.bits(FindBoundaries.of(labels, mode)), 128);
    }
  }

  @Test
  void masksOfSomeObjects() {
    NpyArray expected = golden.array("one_hot_ids_1_3_9");
    Images.assertSame("one_hot", expected.ints(), Images.bits(OneHot.of(labels, 1, 3, 9)), 128);
  }

  @Test
  void distanceToAnObject() {
    for (String name : List.of("legacy__edt", "bic__edt")) {
      golden.assertMatches(
          name, new long[] {96, 128}, Images.floats(DistanceTransform.toNearest(object(3))));
    }
  }

  @Test
  void vectorToAPixel() {
    float[] actual = Images.floats(DistanceTransform.vectorsToNearest(object(6)));
    float[] yx = new float[actual.length]; // the reference has the components y, x, innermost
    int n = actual.length / 2;
    for (int i = 0; i < n; i++) {
      yx[2 * i] = actual[n + i];
      yx[2 * i + 1] = actual[i];
    }
    for (String name : List.of("legacy__vector", "bic__vector")) {
      golden.assertMatches(name, new long[] {96, 128, 2}, yx);
    }
  }

  @Test
  void centersBoxesAndCentroids() {
    List<LabelRegion> regions = LabelRegions.of(labels);
    assertEquals(
        List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 12L),
        regions.stream().map(LabelRegion::id).toList());
    Map<Long, Point> centers = ObjectCenters.mostInterior(labels);
    assertEquals(regions.stream().map(LabelRegion::id).toList(), List.copyOf(centers.keySet()));
    int[] boxes = golden.array("bboxes").ints();
    float[] centroids = new float[2 * regions.size()];
    for (int i = 0; i < regions.size(); i++) {
      LabelRegion region = regions.get(i);
      int[] box = {
        (int) region.box().min(1),
        (int) region.box().min(0),
        (int) region.box().max(1) + 1,
        (int) region.box().max(0) + 1
      };
      assertArrayEquals(
          java.util.Arrays.copyOfRange(boxes, 4 * i, 4 * i + 4), box, "box of " + region);
      centroids[2 * i] = region.centroid().getFloatPosition(1);
      centroids[2 * i + 1] = region.centroid().getFloatPosition(0);
      for (String name : List.of("legacy__centers_v", "bic__centers_v")) {
        int[] expected = golden.array(name).ints();
        Point center = centers.get(region.id());
        assertEquals(expected[2 * i], center.getIntPosition(1), name + " y of " + region);
        assertEquals(expected[2 * i + 1], center.getIntPosition(0), name + " x of " + region);
      }
    }
    golden.assertMatches("centers_p", new long[] {11, 2}, centroids);
  }

  @Test
  void perObjectDistances() {
    PerObjectDistanceOptions all = PerObjectDistanceOptions.defaults().withMinSize(0);
    assertDistances("pod_default", all);
    assertDistances("pod_min25", all.withMinSize(25));
    assertDistances("pod_nolabel", all.withSeparate(false));
  }

  @Test
  void directedDistancesAreTheReferencesWithXBeforeY() {
    PerObjectDistanceOptions options =
        PerObjectDistanceOptions.defaults()
            .withMinSize(0)
            .withInstances(false)
            .withForeground(false)
            .withDistances(true, true, true);
    float[] actual = Images.floats(PerObjectDistances.of(labels, options));
    int n = 96 * 128;
    float[] swapped = actual.clone();
    System.arraycopy(actual, n, swapped, 2 * n, n);
    System.arraycopy(actual, 2 * n, swapped, n, n);
    for (String name : List.of("legacy__pod_directed", "bic__pod_directed")) {
      golden.assertMatches(name, new long[] {4, 96, 128}, swapped);
    }
  }

  private void assertDistances(String name, PerObjectDistanceOptions options) {
    RandomAccessibleInterval<FloatType> actual = PerObjectDistances.of(labels, options);
    assertArrayEquals(new long[] {128, 96, 4}, actual.dimensionsAsLongArray());
    for (String prefix : List.of("legacy__", "bic__")) {
      golden.assertMatches(prefix + name, new long[] {4, 96, 128}, Images.floats(actual));
    }
  }

  private RandomAccessibleInterval<NativeBoolType> object(int id) {
    int[] ids = golden.array("labels").ints();
    boolean[] mask = new boolean[ids.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = ids[i] == id;
    }
    return ArrayImgs.booleans(mask, 128, 96);
  }
}

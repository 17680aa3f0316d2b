package io.github.microsam.label;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import net.imglib2.FinalInterval;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.img.planar.PlanarImgs;
import net.imglib2.type.numeric.integer.IntType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.Test;

/**
 * Empty images, one pixel, one object that covers everything, ids with gaps and up to the limit.
 */
class DegenerateInputTest {

  @Test
  void imagesWithoutObjectsPassThroughEverything() {
    for (long[] size : new long[][] {{3, 2}, {1, 1}, {1, 9}, {7}, {2, 2, 2}}) {
      RandomAccessibleInterval<IntType> empty = ArrayImgs.ints(size);
      int n = (int) empty.size();
      String what = Arrays.toString(size);
      assertArrayEquals(
          new int[n], Images.ids(ConnectedComponents.ofLabels(empty, Connectivity.FULL)), what);
      assertArrayEquals(new int[n], Images.ids(SequentialLabels.removeSmall(empty, 3)), what);
      assertArrayEquals(
          new int[n], Images.bits(FindBoundaries.of(empty, BoundaryMode.THICK)), what);
      assertTrue(LabelRegions.of(empty).isEmpty(), what);
      assertTrue(ObjectCenters.mostInterior(empty).isEmpty(), what);
      assertEquals(n, DistanceTransform.toBoundary(empty, BoundaryMode.INNER).size(), what);
      assertEquals(0, LabelOverlap.of(empty, empty).predictedCount(), what);
      assertEquals(0, SegmentationAccuracy.of(empty, empty).mean(), what);
      assertEquals(n, GaussianFilter.smooth(empty, 2).size(), what);
      assertArrayEquals(new int[n], Images.ids(SeededWatershed.flood(empty, empty)), what);
      float[] targets =
          Images.floats(PerObjectDistances.of(empty, PerObjectDistanceOptions.defaults()));
      for (int i = 0; i < 4 * n; i++) {
        assertEquals(i < 2 * n ? 0 : 1, targets[i], what);
      }
    }
  }

  @Test
  void onePixelAndOneObjectThatCoversEverything() {
    for (long[] size : new long[][] {{1, 1}, {6, 4}, {3, 3, 3}, {5}}) {
      RandomAccessibleInterval<IntType> all = ArrayImgs.ints(size);
      Views.flatIterable(all).forEach(pixel -> pixel.set(77));
      int[] ones = new int[(int) all.size()];
      Arrays.fill(ones, 1);
      String what = Arrays.toString(size);
      assertArrayEquals(
          ones, Images.ids(ConnectedComponents.ofLabels(all, Connectivity.FACES)), what);
      assertArrayEquals(ones, Images.ids(SequentialLabels.relabel(all)), what);
      assertArrayEquals(
          new int[ones.length], Images.bits(FindBoundaries.of(all, BoundaryMode.INNER)), what);
      LabelRegion region = LabelRegions.of(all).get(0);
      assertEquals(ones.length, region.size(), what);
      assertEquals(List.of(77L), List.copyOf(ObjectCenters.mostInterior(all).keySet()), what);
      assertEquals(1, SegmentationAccuracy.of(all, all).mean(), what);
      assertEquals(
          5 - 1,
          PerObjectDistances.of(all, PerObjectDistanceOptions.defaults().withMinSize(0))
              .dimension(size.length),
          what);
    }
  }

  @Test
  void idsWithGapsAndBeyondTheSignedRange() {
    long largest = 0xffffffffL;
    long[] ids = {0, 1L << 31, 5, largest, (1L << 31) - 1, 5};
    var labels = ArrayImgs.longs(ids, 6, 1);
    assertEquals(
        List.of(5L, (1L << 31) - 1, 1L << 31, largest),
        LabelRegions.of(labels).stream().map(LabelRegion::id).toList());
    assertArrayEquals(new int[] {0, 3, 1, 4, 2, 1}, Images.ids(SequentialLabels.relabel(labels)));
    assertArrayEquals(
        new int[] {0, 1, 2, 3, 4, 5},
        Images.ids(ConnectedComponents.ofLabels(labels, Connectivity.FULL)));
    assertEquals(largest, LabelOverlap.of(labels, labels).pairs().get(3).truth());
    assertEquals(1, SegmentationAccuracy.of(labels, labels).mean());
    assertArrayEquals(new int[] {0, 1, 0, 0, 0, 0}, Images.bits(OneHot.of(labels, 1L << 31)));
    var flooded =
        SeededWatershed.flood(
            ArrayImgs.floats(6, 1), ArrayImgs.longs(new long[] {largest, 0, 0, 0, 0, 0}, 6, 1));
    assertEquals(largest, flooded.getAt(5, 0).getIntegerLong());
  }

  @Test
  void idsOutsideTheRangeAreRefusedByPlace() {
    var negative = ArrayImgs.ints(new int[] {0, 1, -7, 0}, 2, 2);
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ConnectedComponents.ofLabels(negative, Connectivity.FULL));
    assertTrue(e.getMessage().contains("-7") && e.getMessage().contains("[0, 1]"), e.getMessage());
    var large = ArrayImgs.longs(new long[] {1L << 32}, 1, 1);
    assertThrows(IllegalArgumentException.class, () -> LabelRegions.of(large));
    assertThrows(
        IllegalArgumentException.class, () -> SequentialLabels.relabel(ArrayImgs.ints(1, 1, 1, 1)));
  }

  @Test
  void kindsOfImagesMakeNoDifferenceAndAreNotWrittenTo() {
    int[] ids = {0, 2, 2, 0, 2, 0, 0, 3, 3, 0, 0, 3};
    RandomAccessibleInterval<UnsignedIntType> array = ArrayImgs.unsignedInts(ids.clone(), 4, 3);
    var planar = PlanarImgs.unsignedShorts(4, 3);
    var cursor = planar.cursor();
    for (int id : ids) {
      cursor.next().set(id);
    }
    int[] expected = {0, 1, 1, 0, 2, 0, 0, 3, 3, 0, 0, 3};
    int[] faces = {0, 1, 1, 0, 2, 0, 0, 3, 4, 0, 0, 3};
    Images.assertSame(
        "array", faces, Images.ids(ConnectedComponents.ofLabels(array, Connectivity.FACES)), 4);
    Images.assertSame(
        "planar", faces, Images.ids(ConnectedComponents.ofLabels(planar, Connectivity.FACES)), 4);
    assertEquals(expected.length, Images.ids(SequentialLabels.relabel(array)).length);
    PerObjectDistances.of(array, PerObjectDistanceOptions.defaults().withSeparate(false));
    SequentialLabels.removeSmall(array, 3);
    assertArrayEquals(ids, Images.ids(array), "the input was written to");
  }

  @Test
  void smallRegionsOfFullAndEmptyMasks() {
    var empty = ArrayImgs.booleans(4, 3);
    SmallRegions.Cleaned islands = SmallRegions.removeIslands(empty, 5);
    assertFalse(islands.changed());
    assertArrayEquals(new int[12], Images.bits(islands.mask()));
    SmallRegions.Cleaned holes = SmallRegions.fillHoles(empty, 100);
    assertTrue(holes.changed(), "all of the background is a hole below 100 pixels");
    var two = Images.mask("#..##", ".....");
    SmallRegions.Cleaned largest = SmallRegions.removeIslands(two, 50);
    assertTrue(largest.changed());
    assertArrayEquals(new int[] {0, 0, 0, 1, 1, 0, 0, 0, 0, 0}, Images.bits(largest.mask()));
  }

  @Test
  void mergingNothingAndMasksBeyondTheImage() {
    var image = new FinalInterval(3, 2);
    assertArrayEquals(
        new int[6],
        Images.ids(MaskMerging.toLabels(List.of(), image, MaskMergingOptions.defaults())));
    RunLengths large = RunLengths.of(FinalInterval.createMinMax(-5, -5, 1, 20), 0, 7 * 26);
    assertArrayEquals(
        new int[] {1, 1, 0, 1, 1, 0},
        Images.ids(MaskMerging.toLabels(List.of(large), image, MaskMergingOptions.defaults())));
    assertThrows(IllegalArgumentException.class, () -> OneHot.of(ArrayImgs.ints(2, 2), 0));
  }
}

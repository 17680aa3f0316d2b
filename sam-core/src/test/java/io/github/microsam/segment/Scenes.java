package io.github.microsam.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.golden.NpyArray;
import io.github.microsam.image.Tiling;
import io.github.microsam.label.LabelOverlap;
import io.github.microsam.label.MatchCriterion;
import io.github.microsam.label.Matching;
import io.github.microsam.label.PerObjectDistanceOptions;
import io.github.microsam.label.PerObjectDistances;
import io.github.microsam.label.SegmentationAccuracy;
import io.github.microsam.model.SamModel;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.imglib2.Cursor;
import net.imglib2.FinalInterval;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.IntegerType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;

/** Label images with known objects, ideal maps of them, and a tiny model. */
final class Scenes {
  static final SamConfig TINY =
      new SamConfig(
          new VitConfig(64, 16, 24, 2, 2, 96, 3, List.of(1), 16),
          new MaskDecoderConfig(3, 2, 8, 32, 3, 16, 16),
          Optional.of(new UnetrConfig(4, 4, false, 3)));

  /** Upstream's three disks. */
  static final double[] RADII = {29, 33, 35};

  private Scenes() {}

  static SamModel tinyModel(boolean decoder) {
    return tinyModel(decoder, 1);
  }

  static SamModel tinyModel(boolean decoder, long seed) {
    return SamModel.random(decoder ? TINY : TINY.withUnetr(Optional.empty()), seed);
  }

  /** Upstream's test image: disks at a quarter, the half and three quarters of the diagonal. */
  static RandomAccessibleInterval<UnsignedIntType> threeDisks(int side) {
    List<double[]> disks = new ArrayList<>();
    for (int i = 0; i < RADII.length; i++) {
      disks.add(new double[] {side * (i + 1) / 4.0, side * (i + 1) / 4.0, RADII[i]});
    }
    return disks(side, side, disks);
  }

  /** A disk on the middle of every side between tiles and on every corner of tiles. */
  static RandomAccessibleInterval<UnsignedIntType> onEveryBorder(Tiling tiling, double radius) {
    List<double[]> disks = new ArrayList<>();
    for (int t = 0; t < tiling.count(); t++) {
      Tiling.Region tile = tiling.inner(t);
      double x = tile.x();
      double y = tile.y();
      double middleX = x + tile.width() / 2.0;
      double middleY = y + tile.height() / 2.0;
      disks.add(new double[] {middleX, middleY, radius});
      if (tile.x() > 0) {
        disks.add(new double[] {x - 0.5, middleY, radius});
      }
      if (tile.y() > 0) {
        disks.add(new double[] {middleX, y - 0.5, radius});
      }
      if (tile.x() > 0 && tile.y() > 0) {
        disks.add(new double[] {x - 0.5, y - 0.5, radius});
      }
    }
    return disks(tiling.width(), tiling.height(), disks);
  }

  /** Disks, as x, y and radius, with the ids 1, 2, 3… */
  static RandomAccessibleInterval<UnsignedIntType> disks(
      int width, int height, List<double[]> disks) {
    int[] ids = new int[width * height];
    for (int d = 0; d < disks.size(); d++) {
      double[] disk = disks.get(d);
      for (int i = 0; i < ids.length; i++) {
        double dx = i % width - disk[0];
        int y = i / width;
        double dy = y - disk[1];
        if (dx * dx + dy * dy < disk[2] * disk[2]) {
          ids[i] = d + 1;
        }
      }
    }
    return ArrayImgs.unsignedInts(ids, width, height);
  }

  /** What a perfect decoder says of these objects. */
  static DistanceMaps idealMaps(RandomAccessibleInterval<? extends IntegerType<?>> labels) {
    return DistanceMaps.of(
        PerObjectDistances.of(
            labels,
            PerObjectDistanceOptions.defaults()
                .withInstances(false)
                .withMinSize(0)
                .withSeparate(false)));
  }

  /** What a perfect decoder says of a tile with its halo, beyond which it sees nothing. */
  static float[] idealMaps(
      RandomAccessibleInterval<? extends IntegerType<?>> labels, Tiling.Region region) {
    DistanceMaps maps = idealMaps(part(labels, region));
    float[] all = new float[3 * region.width() * region.height()];
    int at = 0;
    for (var map : List.of(maps.foreground(), maps.centerDistances(), maps.boundaryDistances())) {
      float[] values = floats(map);
      System.arraycopy(values, 0, all, at, values.length);
      at += values.length;
    }
    return all;
  }

  static <T> RandomAccessibleInterval<T> part(
      RandomAccessibleInterval<T> image, Tiling.Region region) {
    return Views.zeroMin(
        Views.interval(
            image,
            FinalInterval.createMinSize(region.x(), region.y(), region.width(), region.height())));
  }

  static float[] floats(RandomAccessibleInterval<FloatType> map) {
    float[] out = new float[(int) map.size()];
    Cursor<FloatType> cursor = Views.flatIterable(map).cursor();
    for (int i = 0; i < out.length; i++) {
      out[i] = cursor.next().get();
    }
    return out;
  }

  static int[] ids(RandomAccessibleInterval<? extends IntegerType<?>> labels) {
    int[] out = new int[(int) labels.size()];
    Cursor<? extends IntegerType<?>> cursor = Views.flatIterable(labels).cursor();
    for (int i = 0; i < out.length; i++) {
      out[i] = cursor.next().getInteger();
    }
    return out;
  }

  static RandomAccessibleInterval<FloatType> map(NpyArray array) {
    int[] shape = java.util.Arrays.stream(array.shape()).mapToInt(d -> (int) d).toArray();
    return ArrayImgs.floats(array.floats(), shape[1], shape[0]);
  }

  static RandomAccessibleInterval<UnsignedIntType> labels(NpyArray array) {
    return ArrayImgs.unsignedInts(array.ints(), array.shape()[1], array.shape()[0]);
  }

  static void assertSameLabels(
      RandomAccessibleInterval<? extends IntegerType<?>> expected,
      RandomAccessibleInterval<? extends IntegerType<?>> actual) {
    assertArrayEquals(expected.dimensionsAsLongArray(), actual.dimensionsAsLongArray());
    assertArrayEquals(ids(expected), ids(actual));
  }

  /** Upstream's criterion: SA at an IoU of 0.75 above 0.99. */
  static void assertFound(
      RandomAccessibleInterval<? extends IntegerType<?>> truth,
      RandomAccessibleInterval<? extends IntegerType<?>> actual) {
    double sa = SegmentationAccuracy.of(LabelOverlap.of(actual, truth), List.of(0.75)).mean();
    assertTrue(sa > 0.99, "SA@0.75 " + sa);
  }

  /** As many objects, each with its equal at an IoU. */
  static void assertSameObjects(
      RandomAccessibleInterval<? extends IntegerType<?>> expected,
      RandomAccessibleInterval<? extends IntegerType<?>> actual,
      double iou) {
    Matching matching = Matching.of(LabelOverlap.of(actual, expected), iou, MatchCriterion.IOU);
    assertEquals(0, matching.falseNegatives(), "objects that are missing");
    assertEquals(0, matching.falsePositives(), "objects that should not be");
  }
}

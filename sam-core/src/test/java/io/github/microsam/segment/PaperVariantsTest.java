package io.github.microsam.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.microsam.label.BoundaryMode;
import io.github.microsam.label.FindBoundaries;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.imglib2.Cursor;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.Test;

/** Objects from boundaries, and from affinities. */
class PaperVariantsTest {
  private static final List<long[]> OFFSETS =
      List.of(
          new long[] {-1, 0},
          new long[] {0, -1},
          new long[] {-3, 0},
          new long[] {0, -3},
          new long[] {-6, 5},
          new long[] {4, 4});

  private static RandomAccessibleInterval<FloatType> foreground(
      RandomAccessibleInterval<UnsignedIntType> labels) {
    int[] ids = Scenes.ids(labels);
    float[] out = new float[ids.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = ids[i] == 0 ? 0 : 1;
    }
    return ArrayImgs.floats(out, labels.dimensionsAsLongArray());
  }

  /** 1 where two pixels have different labels. */
  private static float[] affinities(int[] ids, int width) {
    int height = ids.length / width;
    float[] out = new float[OFFSETS.size() * ids.length];
    for (int c = 0; c < OFFSETS.size(); c++) {
      for (int i = 0; i < ids.length; i++) {
        long x = i % width + OFFSETS.get(c)[0];
        long y = i / width + OFFSETS.get(c)[1];
        boolean in = x >= 0 && y >= 0 && x < width && y < height;
        out[c * ids.length + i] = in && ids[(int) (y * width + x)] != ids[i] ? 1 : 0;
      }
    }
    return out;
  }

  @Test
  void boundariesBetweenTouchingDisksSeparateThem() {
    RandomAccessibleInterval<UnsignedIntType> truth =
        Scenes.disks(
            90,
            60,
            List.of(new double[] {25, 30, 18}, new double[] {60, 30, 19}, new double[] {5, 5, 3}));
    RandomAccessibleInterval<NativeBoolType> edges = FindBoundaries.of(truth, BoundaryMode.THICK);
    float[] boundaries = new float[90 * 60];
    Cursor<NativeBoolType> cursor = Views.flatIterable(edges).cursor();
    for (int i = 0; i < boundaries.length; i++) {
      boundaries[i] = cursor.next().get() ? 0.9f : 0.05f;
    }
    RandomAccessibleInterval<UnsignedIntType> objects =
        BoundaryWatershed.segment(
            foreground(truth), ArrayImgs.floats(boundaries, 90, 60), BoundaryOptions.defaults());
    assertEquals(2, Arrays.stream(Scenes.ids(objects)).max().orElseThrow());
    RandomAccessibleInterval<UnsignedIntType> withSmall =
        BoundaryWatershed.segment(
            foreground(truth),
            ArrayImgs.floats(boundaries, 90, 60),
            BoundaryOptions.defaults().withMinSize(0));
    Scenes.assertSameObjects(truth, withSmall, 0.95);
    assertThrows(
        SegmentationException.class,
        () ->
            BoundaryWatershed.segment(
                foreground(truth), ArrayImgs.floats(90, 61), BoundaryOptions.defaults()));
  }

  @Test
  void trueAffinitiesGiveTheTrueObjects() {
    RandomAccessibleInterval<UnsignedIntType> truth =
        Scenes.disks(
            80,
            50,
            List.of(
                new double[] {20, 25, 15}, new double[] {45, 25, 14}, new double[] {70, 10, 8}));
    RandomAccessibleInterval<FloatType> affinities =
        ArrayImgs.floats(affinities(Scenes.ids(truth), 80), 80, 50, OFFSETS.size());
    for (int stride : new int[] {1, 2}) {
      Scenes.assertSameObjects(
          truth,
          MutexWatershed.segment(
              foreground(truth), affinities, OFFSETS, MutexOptions.defaults().withStride(stride)),
          1);
    }
  }

  @Test
  void randomAffinitiesGiveWhatAPlainOneGives() {
    Random random = new Random(5);
    for (int run = 0; run < 20; run++) {
      int width = 6 + random.nextInt(9);
      int height = 5 + random.nextInt(9);
      int n = width * height;
      float[] foreground = new float[n];
      float[] affinities = new float[OFFSETS.size() * n];
      for (int i = 0; i < n; i++) {
        foreground[i] = random.nextFloat() < 0.9 ? 1 : 0;
      }
      for (int i = 0; i < affinities.length; i++) {
        // Few levels, so that there are ties.
        affinities[i] = random.nextInt(9) / 8f;
      }
      int stride = 1 + run % 3;
      int[] expected = plain(foreground, affinities, width, stride);
      int[] actual =
          Scenes.ids(
              MutexWatershed.segment(
                  ArrayImgs.floats(foreground, width, height),
                  ArrayImgs.floats(affinities, width, height, OFFSETS.size()),
                  OFFSETS,
                  MutexOptions.defaults().withStride(stride).withMinSize(0)));
      assertArrayEquals(canonical(expected), canonical(actual), "run " + run);
    }
  }

  private record Edge(float strength, int channel, int from, int to) {}

  /** Clusters as ids of all pixels, and pairs of pixels that are kept apart. */
  private static int[] plain(float[] foreground, float[] affinities, int width, int stride) {
    int n = foreground.length;
    List<Edge> edges = new ArrayList<>();
    for (int c = 0; c < OFFSETS.size(); c++) {
      for (int i = 0; i < n; i++) {
        long x = i % width + OFFSETS.get(c)[0];
        long y = i / width + OFFSETS.get(c)[1];
        if (x < 0 || y < 0 || x >= width || y >= n / width) {
          continue;
        }
        int to = (int) (y * width + x);
        boolean used = c < 2 || (i % width % stride == 0 && i / width % stride == 0);
        if (used && foreground[i] > 0 && foreground[to] > 0) {
          float a = affinities[c * n + i];
          edges.add(new Edge(c < 2 ? 1 - a : a, c, i, to));
        }
      }
    }
    edges.sort(Comparator.comparingDouble(e -> -e.strength));
    int[] cluster = new int[n];
    for (int i = 0; i < n; i++) {
      cluster[i] = foreground[i] > 0 ? i + 1 : 0;
    }
    List<int[]> apart = new ArrayList<>();
    for (Edge e : edges) {
      int a = cluster[e.from];
      int b = cluster[e.to];
      if (e.channel >= 2) {
        apart.add(new int[] {e.from, e.to});
        if (a == b) {
          apart.remove(apart.size() - 1);
        }
        continue;
      }
      boolean forbidden =
          apart.stream()
              .anyMatch(
                  p ->
                      (cluster[p[0]] == a && cluster[p[1]] == b)
                          || (cluster[p[0]] == b && cluster[p[1]] == a));
      if (!forbidden) {
        for (int i = 0; i < n; i++) {
          cluster[i] = cluster[i] == b ? a : cluster[i];
        }
      }
    }
    return cluster;
  }

  /** Ids in the order of their first pixels. */
  private static int[] canonical(int[] ids) {
    Map<Integer, Integer> order = new HashMap<>(Map.of(0, 0));
    int[] out = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      order.putIfAbsent(ids[i], order.size());
      out[i] = order.get(ids[i]);
    }
    return out;
  }

  @Test
  void smallObjectsAreGivenToTheirNeighbours() {
    // A pixel that is kept apart from the object around it.
    int[] ids = new int[20 * 20];
    Arrays.fill(ids, 1);
    ids[10 * 20 + 10] = 2;
    RandomAccessibleInterval<UnsignedIntType> truth = ArrayImgs.unsignedInts(ids, 20, 20);
    RandomAccessibleInterval<FloatType> affinities =
        ArrayImgs.floats(affinities(ids, 20), 20, 20, OFFSETS.size());
    MutexOptions all = MutexOptions.defaults().withStride(1).withMinSize(0);
    assertEquals(
        2,
        Arrays.stream(
                Scenes.ids(MutexWatershed.segment(foreground(truth), affinities, OFFSETS, all)))
            .max()
            .orElseThrow());
    int[] filtered =
        Scenes.ids(
            MutexWatershed.segment(foreground(truth), affinities, OFFSETS, all.withMinSize(10)));
    assertEquals(400, Arrays.stream(filtered).sum());
  }

  @Test
  void mapsOfOtherSizesAreRefused() {
    RandomAccessibleInterval<FloatType> map = ArrayImgs.floats(9, 9);
    for (long[] size : new long[][] {{9, 9, 5}, {9, 8, 6}}) {
      assertThrows(
          SegmentationException.class,
          () ->
              MutexWatershed.segment(
                  map, ArrayImgs.floats(size), OFFSETS, MutexOptions.defaults()));
    }
  }
}

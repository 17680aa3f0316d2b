package io.github.microsam.label;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.imglib2.FinalInterval;
import net.imglib2.FinalRealInterval;
import net.imglib2.RealInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.Test;

class NmsTest {

  @Test
  void boxNmsIsThePlainLoop() {
    Random random = new Random(12);
    for (int round = 0; round < 60; round++) {
      int n = random.nextInt(40);
      List<RealInterval> boxes = new ArrayList<>();
      float[] scores = new float[n];
      for (int i = 0; i < n; i++) {
        int x = random.nextInt(20);
        int y = random.nextInt(20);
        boxes.add(
            FinalRealInterval.createMinMax(x, y, x + random.nextInt(12), y + random.nextInt(12)));
        scores[i] = random.nextInt(8) / 8f; // ties
      }
      double threshold = random.nextDouble();
      float[][] overlap = new float[n][n];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          overlap[i][j] = iou(boxes.get(i), boxes.get(j));
        }
      }
      assertArrayEquals(
          plain(overlap, scores, threshold),
          BoxNms.keep(boxes, scores, threshold),
          "round " + round);
    }
  }

  @Test
  void maskNmsIsThePlainLoopOverTheMatrix() {
    Random random = new Random(13);
    for (int round = 0; round < 40; round++) {
      int n = 1 + random.nextInt(20);
      List<RunLengths> masks = new ArrayList<>();
      float[] scores = new float[n];
      for (int i = 0; i < n; i++) {
        int[] ids = Images.randomIds(random, 1, 6, 16, 12);
        boolean[] mask = new boolean[ids.length];
        for (int k = 0; k < ids.length; k++) {
          mask[k] = ids[k] == 1;
        }
        masks.add(RunLengths.of(Images.mask(mask, 16, 12)));
        scores[i] = random.nextInt(5);
      }
      for (OverlapMeasure measure : OverlapMeasure.values()) {
        float threshold = random.nextFloat();
        assertArrayEquals(
            plain(MaskNms.overlaps(masks, measure), scores, threshold),
            MaskNms.keep(masks, scores, threshold, measure),
            "round " + round);
      }
    }
  }

  private static int[] plain(float[][] overlap, float[] scores, double threshold) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, scores.length).boxed().toList());
    order.sort((a, b) -> Float.compare(scores[b], scores[a]));
    List<Integer> kept = new ArrayList<>();
    for (int candidate : order) {
      if (kept.stream().noneMatch(k -> overlap[k][candidate] > threshold)) {
        kept.add(candidate);
      }
    }
    return kept.stream().mapToInt(Integer::intValue).toArray();
  }

  private static float iou(RealInterval a, RealInterval b) {
    float w = (float) (Math.min(a.realMax(0), b.realMax(0)) - Math.max(a.realMin(0), b.realMin(0)));
    float h = (float) (Math.min(a.realMax(1), b.realMax(1)) - Math.max(a.realMin(1), b.realMin(1)));
    float both = Math.max(0, w) * Math.max(0, h);
    return both / (area(a) + area(b) - both);
  }

  private static float area(RealInterval a) {
    return (float) ((a.realMax(0) - a.realMin(0)) * (a.realMax(1) - a.realMin(1)));
  }

  /** Upstream's acceptance test: masks of two tiles in an image of 4 × 7 give two objects. */
  @Test
  void masksOfTilesAtTheBorderAreTwoObjects() {
    List<RunLengths> masks =
        List.of(RunLengths.of(full(0, 0, 4, 4)), RunLengths.of(full(5, 0, 2, 4)));
    int[] kept = MaskNms.keep(masks, new float[] {1, 1}, 0.9, OverlapMeasure.IOU);
    var labels =
        MaskMerging.toLabels(
            Arrays.stream(kept).mapToObj(masks::get).toList(),
            new FinalInterval(7, 4),
            MaskMergingOptions.defaults());
    int[] row = {1, 1, 1, 1, 0, 2, 2};
    int[] expected = new int[28];
    for (int i = 0; i < 28; i++) {
      expected[i] = row[i % 7];
    }
    Images.assertSame("tiles", expected, Images.ids(labels), 7);
  }

  @Test
  void theSameObjectSeenFromTwoTilesStaysOnce() {
    boolean[] left = new boolean[6 * 4];
    boolean[] right = new boolean[6 * 4];
    for (int y = 1; y < 3; y++) {
      Arrays.fill(left, y * 6 + 4, y * 6 + 6, true); // x 4 and 5 of the image
      Arrays.fill(right, y * 6, y * 6 + 2, true); // the tile begins at x 4
    }
    List<RunLengths> masks =
        List.of(
            RunLengths.of(Images.mask(left, 6, 4)),
            RunLengths.of(Views.translate(Images.mask(right, 6, 4), 4, 0)));
    assertArrayEquals(
        new int[] {1}, MaskNms.keep(masks, new float[] {0.5f, 0.6f}, 0.9, OverlapMeasure.IOU));
  }

  /** In the reference these never meet, because their boxes are taken one pixel too small. */
  @Test
  void masksOfOnePixelsWidthAreSuppressedToo() {
    List<RunLengths> masks =
        List.of(RunLengths.of(full(3, 0, 1, 4)), RunLengths.of(full(3, 0, 1, 4)));
    assertArrayEquals(
        new int[] {0}, MaskNms.keep(masks, new float[] {1, 1}, 0.9, OverlapMeasure.IOU));
  }

  @Test
  void nanScoresComeFirstAndBoxesWithoutAreaStay() {
    RealInterval point = FinalRealInterval.createMinMax(1, 1, 1, 1);
    assertArrayEquals(
        new int[] {2, 1, 0},
        BoxNms.keep(List.of(point, point, point), new float[] {1, 2, Float.NaN}, 0.5));
    assertEquals(0, BoxNms.keep(List.of(), new float[0], 0.5).length);
    assertEquals(0, MaskNms.keep(List.of(), new float[0], 0.5, OverlapMeasure.IOU).length);
    assertThrows(
        IllegalArgumentException.class, () -> BoxNms.keep(List.of(point), new float[2], 0.5));
  }

  private static net.imglib2.RandomAccessibleInterval<NativeBoolType> full(
      long x, long y, int w, int h) {
    boolean[] mask = new boolean[w * h];
    Arrays.fill(mask, true);
    return Views.translate(ArrayImgs.booleans(mask, w, h), x, y);
  }
}

package io.github.microsam.label;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.IntegerType;

/** How many pixels the objects of two label images share. Background (0) is left out. Immutable. */
public final class LabelOverlap {

  /**
   * An object of the prediction and one of the truth that overlap.
   *
   * @param predicted id in the predicted image
   * @param predictedSize its number of pixels
   * @param truth id in the true image
   * @param truthSize its number of pixels
   * @param shared number of pixels of both, at least 1
   */
  public record Pair(long predicted, long predictedSize, long truth, long truthSize, long shared) {

    /**
     * How well the objects match.
     *
     * @param criterion what is measured
     * @return above 0, to 1
     */
    public double score(MatchCriterion criterion) {
      return switch (criterion) {
        case IOU -> (double) shared / (predictedSize + truthSize - shared);
        case IOP -> (double) shared / predictedSize;
        case IOT -> (double) shared / truthSize;
      };
    }
  }

  private final int predictedCount;
  private final int truthCount;
  private final List<Pair> pairs;

  private LabelOverlap(int predictedCount, int truthCount, List<Pair> pairs) {
    this.predictedCount = predictedCount;
    this.truthCount = truthCount;
    this.pairs = List.copyOf(pairs);
  }

  /**
   * Counts the overlaps of two label images. Linear in pixels.
   *
   * @param predicted label image of one to three axes
   * @param truth label image of the same size
   * @return the overlaps
   * @throws IllegalArgumentException for images of different size, and for ids below 0 or above
   *     2<sup>32</sup> − 1
   */
  public static LabelOverlap of(
      RandomAccessibleInterval<? extends IntegerType<?>> predicted,
      RandomAccessibleInterval<? extends IntegerType<?>> truth) {
    Pixels.requireSameSize(predicted, truth, "the true label image");
    int[] p = Pixels.ids(predicted);
    int[] t = Pixels.ids(truth);
    LongIndex index = new LongIndex();
    long[] shared = new long[16];
    int i = 0;
    while (i < p.length) {
      int a = p[i];
      int b = t[i];
      int first = i;
      while (i < p.length && p[i] == a && t[i] == b) {
        i++;
      }
      int pair = index.add((long) a << 32 | Integer.toUnsignedLong(b));
      shared = pair == shared.length ? Arrays.copyOf(shared, 2 * pair) : shared;
      shared[pair] += i - first;
    }
    return collect(index, shared);
  }

  private static LabelOverlap collect(LongIndex index, long[] shared) {
    LongIndex predicted = new LongIndex();
    LongIndex truth = new LongIndex();
    long[] predictedSize = new long[index.count() + 1];
    long[] truthSize = new long[index.count() + 1];
    predicted.add(0);
    truth.add(0);
    for (int k = 0; k < index.count(); k++) {
      predictedSize[predicted.add(index.key(k) >>> 32)] += shared[k];
      truthSize[truth.add(index.key(k) & 0xffffffffL)] += shared[k];
    }
    List<Pair> pairs = new ArrayList<>();
    for (int k : index.sorted()) {
      long a = index.key(k) >>> 32;
      long b = index.key(k) & 0xffffffffL;
      if (a != 0 && b != 0) {
        pairs.add(
            new Pair(a, predictedSize[predicted.add(a)], b, truthSize[truth.add(b)], shared[k]));
      }
    }
    return new LabelOverlap(predicted.count() - 1, truth.count() - 1, pairs);
  }

  /**
   * Number of objects in the prediction.
   *
   * @return 0 where it is all background
   */
  public int predictedCount() {
    return predictedCount;
  }

  /**
   * Number of true objects.
   *
   * @return 0 where the truth is all background
   */
  public int truthCount() {
    return truthCount;
  }

  /**
   * The objects that overlap.
   *
   * @return pairs with at least one shared pixel
   */
  public List<Pair> pairs() {
    return pairs;
  }
}

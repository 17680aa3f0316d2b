package io.github.microsam.label;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** The loop of non-maximum suppression. */
final class GreedySelection {
  private GreedySelection() {}

  /** Whether a candidate that stays suppresses another. */
  @FunctionalInterface
  interface Suppression {
    boolean suppresses(int kept, int candidate);
  }

  /** Indices of the candidates that no better one that stays suppresses, best first. */
  static int[] keep(float[] scores, Suppression suppression) {
    int[] order =
        IntStream.range(0, scores.length)
            .boxed()
            // Adding 0 makes −0 equal to 0. The sort is stable: of equals the first comes first.
            .sorted(Comparator.comparing(i -> scores[i] + 0f, Comparator.reverseOrder()))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] kept = new int[order.length];
    int count = 0;
    int left = order.length;
    boolean[] suppressed = new boolean[scores.length];
    while (left > 0) {
      int best = order[0];
      kept[count++] = best;
      int[] rest = Arrays.copyOfRange(order, 1, left);
      Chunks.forEach(
          rest.length,
          256,
          (from, to) -> {
            for (int i = from; i < to; i++) {
              suppressed[rest[i]] = suppression.suppresses(best, rest[i]);
            }
          });
      left = 0;
      for (int candidate : rest) {
        if (!suppressed[candidate]) {
          order[left++] = candidate;
        }
      }
    }
    return Arrays.copyOf(kept, count);
  }
}

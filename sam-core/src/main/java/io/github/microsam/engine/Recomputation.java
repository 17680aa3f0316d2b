package io.github.microsam.engine;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Spends time for memory in a backward pass: what it reads of the forward pass is given up and
 * computed again shortly before it is read (Chen et al., "Training deep nets with sublinear memory
 * cost", 2016).
 *
 * <p>The forward pass is cut where little is alive, as it is between the blocks of a transformer.
 * What is alive at a cut is kept; everything else that the backward pass reads of a stretch between
 * two cuts is computed again when it first does. The last stretch is kept, as the backward pass
 * begins with it.
 */
final class Recomputation {
  private final List<Schedule.Access> steps;
  private final int cut;
  private final Map<Storage, Integer> producers = new HashMap<>();

  /** For each storage of the forward pass, the last step of it that reads it. */
  private final Map<Storage, Integer> lastForwardReads = new HashMap<>();

  /**
   * For each storage of the forward pass that the backward pass reads, the first step that does.
   */
  private final Map<Storage, Integer> firstBackwardReads = new HashMap<>();

  private Recomputation(List<Schedule.Access> steps, int cut) {
    this.steps = steps;
    this.cut = cut;
    for (int i = 0; i < cut; i++) {
      for (Storage s : steps.get(i).writes()) {
        producers.put(s, i);
      }
    }
    for (int i = 0; i < steps.size(); i++) {
      for (Storage s : steps.get(i).reads()) {
        if (producers.containsKey(s)) {
          if (i < cut) {
            lastForwardReads.put(s, i);
          } else {
            firstBackwardReads.putIfAbsent(s, i);
          }
        }
      }
    }
  }

  /**
   * In what order the steps run.
   *
   * @param steps forward and backward
   * @param cut how many of them are the forward pass
   * @return indices of steps; those of the forward pass may come again behind it
   */
  static List<Integer> order(List<Schedule.Access> steps, int cut) {
    return new Recomputation(steps, cut).order();
  }

  private List<Integer> order() {
    Map<Integer, List<Integer>> before = new HashMap<>();
    int from = 0;
    for (int end : cuts()) {
      BitSet again = new BitSet();
      int when = Integer.MAX_VALUE;
      for (Map.Entry<Storage, Integer> read : firstBackwardReads.entrySet()) {
        int producer = producers.get(read.getKey());
        if (producer >= from && producer < end && !crosses(read.getKey(), end)) {
          again.set(producer);
          when = Math.min(when, read.getValue());
        }
      }
      addWhatTheyRead(again, from, end);
      again.stream().forEach(before.computeIfAbsent(when, w -> new ArrayList<>())::add);
      from = end;
    }
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      order.addAll(before.getOrDefault(i, List.of()));
      order.add(i);
    }
    return order;
  }

  private boolean crosses(Storage s, int end) {
    return lastForwardReads.getOrDefault(s, -1) >= end;
  }

  /** Adds the steps of a stretch that others of it read from, unless what they read is kept. */
  private void addWhatTheyRead(BitSet again, int from, int end) {
    for (int i = end - 1; i >= from; i--) {
      if (again.get(i)) {
        for (Storage s : steps.get(i).reads()) {
          int producer = producers.getOrDefault(s, -1);
          if (producer >= from && !crosses(s, end)) {
            again.set(producer);
          }
        }
      }
    }
  }

  /** The steps before which the forward pass is cut, but for its end. */
  private List<Integer> cuts() {
    long[] alive = new long[cut + 1]; // between a step and the one before
    producers.forEach(
        (s, producer) -> {
          int last = lastForwardReads.getOrDefault(s, producer);
          for (int i = producer + 1; i <= last; i++) {
            alive[i] += s.byteSize();
          }
        });
    List<Integer> cuts = new ArrayList<>();
    boolean falls = false;
    for (int i = 1; i < cut; i++) {
      falls = alive[i] == alive[i - 1] ? falls : alive[i] < alive[i - 1];
      if (falls && alive[i + 1] > alive[i]) {
        cuts.add(i);
      }
    }
    return cuts;
  }
}

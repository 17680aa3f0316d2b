package io.github.microsam.model;

import io.github.microsam.weights.DType;
import io.github.microsam.weights.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How many batches the batch norms of a model have been trained on: {@code num_batches_tracked} of
 * {@code torch.nn.BatchNorm2d}, int64 scalars that grow by one with every forward pass in training.
 * Nothing is computed with them; a model keeps them to write them back. Models that share weights
 * share their counters.
 *
 * <p>Safe for use by several threads.
 */
public final class BatchCounters {
  /** Name of a counter within its norm. */
  static final String NAME = "num_batches_tracked";

  private final Map<String, Long> counts = new TreeMap<>();

  private BatchCounters() {}

  /** The counters among the tensors of a checkpoint. */
  static BatchCounters of(Collection<Tensor> tensors) {
    BatchCounters counters = new BatchCounters();
    tensors.stream()
        .filter(t -> t.name().endsWith("." + NAME) && t.dtype() == DType.I64)
        .forEach(t -> counters.counts.put(t.name(), t.read().getLong()));
    return counters;
  }

  /**
   * All counters.
   *
   * @return batches by key, a copy; empty if the model has no batch norms
   */
  public synchronized Map<String, Long> counts() {
    return new TreeMap<>(counts);
  }

  /**
   * Counts a batch.
   *
   * @param norm path of the batch norm, for instance {@code deconv1.block.2}
   */
  public synchronized void advance(String norm) {
    counts.merge(norm + "." + NAME, 1L, Long::sum);
  }

  /**
   * Goes to where an earlier training was.
   *
   * @param saved what its {@link #counts()} were; counters that it lacks stay as they are
   */
  public synchronized void restore(Map<String, Long> saved) {
    counts.putAll(saved);
  }

  /** The counters as a checkpoint has them. */
  synchronized List<Tensor> tensors() {
    return counts.entrySet().stream()
        .map(
            e -> {
              ByteBuffer element = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
              return Tensor.of(
                  e.getKey(), DType.I64, new long[0], element.putLong(e.getValue()).flip());
            })
        .toList();
  }
}

package io.github.microsam.model;

import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A tensor that a checkpoint holds although the computation has no use for it: counters of batches,
 * a classification head. It is in no graph; a model keeps it to write it back. The counters, {@link
 * BatchCounters}, advance in training; the others never change.
 *
 * @param key PyTorch key
 * @param dataType type of its elements: INT64 or FLOAT
 * @param init how the reference initialises it
 * @param shape PyTorch's shape; empty for a scalar
 */
public record CarriedTensor(String key, DataType dataType, Init init, List<Long> shape) {

  /**
   * Copies the shape.
   *
   * @param key PyTorch key
   * @param dataType type of its elements
   * @param init how the reference initialises it
   * @param shape PyTorch's shape
   */
  public CarriedTensor {
    shape = List.copyOf(shape);
  }

  /**
   * The counter of a batch norm, {@code num_batches_tracked}.
   *
   * @param norm path of the norm
   * @return an INT64 scalar, zero before training
   */
  static CarriedTensor batchCounter(String norm) {
    return new CarriedTensor(
        norm + "." + BatchCounters.NAME, DataType.INT64, Init.ZEROS, List.of());
  }
}

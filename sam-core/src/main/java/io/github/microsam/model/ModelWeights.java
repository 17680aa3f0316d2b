package io.github.microsam.model;

import io.github.microsam.weights.DType;
import io.github.microsam.weights.Tensor;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * All that a model's checkpoint holds: the weights that its networks have asked for, in native
 * memory, and what no network has a use for, which is kept to be written back.
 */
final class ModelWeights implements WeightSource, AutoCloseable {
  private final WeightSource source;
  private final BatchCounters counters;
  private final boolean owned;
  private final Map<String, INDArray> arrays = new LinkedHashMap<>();
  private final Map<String, Tensor> carried = new LinkedHashMap<>();

  private ModelWeights(
      WeightSource source, Collection<Tensor> tensors, BatchCounters counters, boolean owned) {
    this.source = source;
    this.counters = counters;
    this.owned = owned;
    tensors.forEach(t -> carried.put(t.name(), t));
  }

  /**
   * Weights of which none has been asked for yet.
   *
   * @param source where they come from; the arrays that it creates are closed with these weights
   * @param tensors of the checkpoint, or those of them that no network asks for
   */
  static ModelWeights of(WeightSource source, Collection<Tensor> tensors) {
    return new ModelWeights(source, tensors, BatchCounters.of(tensors), true);
  }

  /** The same weights for other networks: must not be used after these are closed. */
  ModelWeights shared() {
    return new ModelWeights(
        (key, init, dataType, shape) -> arrays.get(key), carried.values(), counters, false);
  }

  @Override
  public INDArray create(String key, Init init, DataType dataType, long... shape) {
    INDArray array = source.create(key, init, dataType, shape);
    arrays.put(key, array);
    return array;
  }

  /** Once all networks are made: copies what none asked for, since its file may be closed now. */
  void carryTheRest() {
    carried.keySet().removeAll(arrays.keySet());
    carried.keySet().removeAll(counters.counts().keySet());
    carried.replaceAll((name, tensor) -> inMemory(tensor));
  }

  /** Keys of the networks' weights. */
  Set<String> keys() {
    return arrays.keySet();
  }

  BatchCounters counters() {
    return counters;
  }

  Fingerprints fingerprints(ModelOptions options) {
    return Fingerprints.of(arrays, ModelWeights::bytes, options);
  }

  /** What a checkpoint holds; the elements are valid until the weights are closed. */
  Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    arrays.forEach(
        (key, array) -> tensors.put(key, Tensor.of(key, DType.F32, array.shape(), bytes(array))));
    tensors.putAll(carried);
    counters.tensors().forEach(t -> tensors.put(t.name(), t));
    return tensors;
  }

  private static Tensor inMemory(Tensor tensor) {
    ByteBuffer elements = tensor.read();
    ByteBuffer copy = ByteBuffer.allocate(elements.remaining()).put(elements).flip();
    return Tensor.of(tensor.name(), tensor.dtype(), tensor.shape(), copy);
  }

  private static ByteBuffer bytes(INDArray array) {
    return new BytePointer(array.data().pointer()).capacity(4 * array.length()).asBuffer();
  }

  /** Frees the arrays, unless they are another model's. */
  @Override
  public void close() {
    if (owned) {
      arrays.values().forEach(ModelWeights::closeOnce);
    }
  }

  /** Statistics are weights and constants of a graph. */
  static void closeOnce(INDArray array) {
    if (!array.wasClosed()) {
      array.close();
    }
  }
}

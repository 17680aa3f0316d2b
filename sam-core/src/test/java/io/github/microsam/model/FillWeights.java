package io.github.microsam.model;

import io.github.microsam.golden.Fill;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The weights of the fixtures, made by their formula; remembers which were asked for. */
final class FillWeights implements WeightSource {
  private final Map<String, long[]> shapes = new TreeMap<>();

  @Override
  public INDArray create(String key, Init init, DataType dataType, long... shape) {
    if (shapes.put(key, shape) != null) {
      throw new IllegalStateException(key + " was asked for twice");
    }
    if (Fill.isCounter(key)) {
      return Nd4j.zeros(dataType, shape);
    }
    return Nd4j.createFromArray(Fill.weights(key, shape)).reshape(shape).castTo(dataType);
  }

  /** Shape of every weight that was asked for, by key. */
  Map<String, long[]> shapes() {
    return shapes;
  }

  /** The same with what a model carries besides. */
  Map<String, long[]> shapesWith(List<CarriedTensor> carried) {
    Map<String, long[]> all = new TreeMap<>(shapes);
    for (CarriedTensor tensor : carried) {
      all.put(tensor.key(), tensor.shape().stream().mapToLong(Long::longValue).toArray());
    }
    return all;
  }
}

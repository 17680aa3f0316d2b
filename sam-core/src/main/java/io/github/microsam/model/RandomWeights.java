package io.github.microsam.model;

import io.github.microsam.weights.DType;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Weights for training from scratch: each drawn from its layer's own distribution. A weight depends
 * on the seed and its key alone, not on the order in which a graph is built.
 */
final class RandomWeights implements WeightSource {
  private static final RandomGeneratorFactory<RandomGenerator> GENERATORS =
      RandomGeneratorFactory.of("L64X128MixRandom");

  private final long seed;

  RandomWeights(long seed) {
    this.seed = seed;
  }

  /** What a checkpoint of this architecture holds beside the weights of the graphs. */
  List<Tensor> carried(SamConfig config) {
    List<CarriedTensor> decoder = config.unetr().map(UnetrDecoder::carried).orElse(List.of());
    return Stream.concat(ImageEncoder.carried(config.encoder()).stream(), decoder.stream())
        .map(this::draw)
        .toList();
  }

  private Tensor draw(CarriedTensor c) {
    long[] shape = c.shape().stream().mapToLong(Long::longValue).toArray();
    boolean counter = c.dataType() == DataType.INT64;
    try (INDArray values = create(c.key(), c.init(), DataType.FLOAT, shape)) {
      ByteBuffer elements =
          ByteBuffer.allocate(Math.toIntExact((counter ? 8 : 4) * values.length()))
              .order(ByteOrder.LITTLE_ENDIAN);
      for (float v : values.data().asFloat()) {
        if (counter) {
          elements.putLong((long) v);
        } else {
          elements.putFloat(v);
        }
      }
      return Tensor.of(c.key(), counter ? DType.I64 : DType.F32, shape, elements.flip());
    }
  }

  @Override
  public INDArray create(String key, Init init, DataType dataType, long... shape) {
    CRC32C hash = new CRC32C();
    hash.update(key.getBytes(StandardCharsets.UTF_8));
    RandomGenerator random = GENERATORS.create(seed ^ (hash.getValue() << 32 | hash.getValue()));
    long count = 1;
    for (long d : shape) {
      count *= d;
    }
    double[] values = new double[Math.toIntExact(count)];
    for (int i = 0; i < values.length; i++) {
      values[i] = init.next(random);
    }
    return Nd4j.create(values, shape, dataType);
  }
}

package io.github.microsam.train.step;

import io.github.microsam.model.ImageEncoder;
import io.github.microsam.model.SamModel;
import io.github.microsam.train.array.NativeFloats;
import io.github.microsam.train.optim.Gradients;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The embeddings of a batch, and the sum of the gradients with respect to them, with which the
 * image encoder goes back once. Owns native memory.
 */
final class Embeddings implements AutoCloseable {
  private final NetworkPass encoder;
  private final INDArray values;
  private final INDArray gradient;
  private final int one;

  private Embeddings(NetworkPass encoder, INDArray values, boolean train) {
    this.encoder = encoder;
    this.values = values;
    gradient = train && encoder.isTrained() ? Nd4j.zeros(DataType.FLOAT, values.shape()) : null;
    one = Math.toIntExact(values.length() / values.size(0));
  }

  /** The pass of a model's image encoder. */
  static NetworkPass encoder(SamModel model, Set<String> trained) {
    return new NetworkPass(
        model.imageEncoder(),
        List.of(ImageEncoder.EMBEDDING),
        trained,
        List.of(""),
        model.batchCounters());
  }

  /** Runs the image encoder, without a way back. */
  static Embeddings of(NetworkPass encoder, ImageBatch batch) {
    INDArray values =
        encoder.infer(Map.of(ImageEncoder.IMAGE, batch.images)).get(ImageEncoder.EMBEDDING);
    return new Embeddings(encoder, values, false);
  }

  /**
   * Runs the image encoder in training.
   *
   * @param encoder the image encoder
   * @param batch images
   * @param masks of dropout, its further inputs; closed
   * @return the embeddings
   */
  static Embeddings inTraining(NetworkPass encoder, ImageBatch batch, Map<String, INDArray> masks) {
    Map<String, INDArray> inputs = new HashMap<>(masks);
    inputs.put(ImageEncoder.IMAGE, batch.images);
    try {
      INDArray values = encoder.forward(inputs, List.of()).get(ImageEncoder.EMBEDDING);
      return new Embeddings(encoder, values, true);
    } finally {
      masks.values().forEach(INDArray::close);
    }
  }

  /** Whether gradients with respect to them are of use. */
  boolean gradientWanted() {
    return gradient != null;
  }

  /** {@code [B, C, E, E]}; not to be closed. */
  INDArray all() {
    return values;
  }

  /**
   * The embedding for each of some objects.
   *
   * @param images which image each object lies in
   * @return {@code [1, C, E, E]} if that is the same for all, else {@code [objects, C, E, E]}; the
   *     caller closes it
   */
  INDArray repeated(int[] images) {
    int count = isOne(images) ? 1 : images.length;
    long[] shape = values.shape().clone();
    shape[0] = count;
    INDArray out = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
    float[] embedding = new float[one];
    for (int i = 0; i < count; i++) {
      if (i == 0 || images[i] != images[i - 1]) {
        NativeFloats.read(values, (long) images[i] * one, embedding, 0, one);
      }
      NativeFloats.write(embedding, 0, one, out, (long) i * one);
    }
    return out;
  }

  /** Adds the gradient with respect to {@link #repeated}. */
  void addRepeated(int[] images, INDArray gradientOfRepeated) {
    float[] part = new float[one];
    float[] sum = new float[one];
    int rows = (int) gradientOfRepeated.size(0);
    for (int i = 0; i < rows; i++) {
      if (i == 0 || images[i] != images[i - 1]) {
        NativeFloats.read(gradient, (long) images[i] * one, sum, 0, one);
      }
      NativeFloats.read(gradientOfRepeated, (long) i * one, part, 0, one);
      for (int k = 0; k < one; k++) {
        sum[k] += part[k];
      }
      if (i == rows - 1 || images[i] != images[i + 1]) {
        NativeFloats.write(sum, 0, one, gradient, (long) images[i] * one);
      }
    }
  }

  /** Adds the gradient with respect to {@link #all}. */
  void addAll(INDArray gradientOfAll) {
    gradient.addi(gradientOfAll);
  }

  /** The image encoder's way back. */
  void backward(Gradients sums) {
    if (gradient != null) {
      encoder.backward(Map.of(ImageEncoder.EMBEDDING, gradient), sums);
    }
  }

  private static boolean isOne(int[] images) {
    for (int image : images) {
      if (image != images[0]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    values.close();
    if (gradient != null) {
      gradient.close();
    }
  }
}

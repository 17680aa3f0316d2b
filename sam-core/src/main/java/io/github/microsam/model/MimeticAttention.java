package io.github.microsam.model;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Weights for training from scratch with which the mask decoder attends to places from the start.
 *
 * <p>In the attention between image and prompt, queries and keys begin with the same weights,
 * {@value #GAIN} times those of the layer's own distribution, and without a bias: the product of a
 * query and a key is then large where their positional encodings agree, so that pixels attend to
 * the prompts near them (after Trockman and Kolter, "Mimetic initialization of self-attention
 * layers", 2023, where it is the product of both matrices that trained transformers are found to
 * resemble). With independent ones nothing tells the decoder which object is meant, and it answers
 * every prompt with all of them for a long time.
 */
final class MimeticAttention implements WeightSource {
  private static final double GAIN = 4;
  private static final Pattern PROJECTION =
      Pattern.compile("(mask_decoder\\.transformer\\..*_attn_\\w+_to_\\w+\\.)[qk](_proj\\.\\w+)");

  private final WeightSource fresh;

  /**
   * Wraps a source of weights.
   *
   * @param fresh draws a weight from its distribution, the same one for the same key
   */
  MimeticAttention(WeightSource fresh) {
    this.fresh = fresh;
  }

  @Override
  public INDArray create(String key, Init init, DataType dataType, long... shape) {
    Matcher projection = PROJECTION.matcher(key);
    if (!projection.matches()) {
      return fresh.create(key, init, dataType, shape);
    }
    double gain = shape.length == 1 ? 0 : GAIN; // a bias has one axis
    String shared = projection.replaceFirst("$1q$2");
    return fresh.create(shared, random -> gain * init.next(random), dataType, shape);
  }
}

package io.github.microsam.golden;

import java.nio.charset.StandardCharsets;

/** Weights and images as functions of key, shape and index: the rules of the fixtures' FILL.md. */
public final class Fill {
  private static final String[] EMBEDDINGS = {
    "prompt_encoder.not_a_point_embed.weight",
    "prompt_encoder.no_mask_embed.weight",
    "mask_decoder.iou_token.weight",
    "mask_decoder.mask_tokens.weight"
  };

  private Fill() {}

  /** The uniform number u(key, index) in [-1, 1), a multiple of 2^-23. */
  public static double uniform(long hash, long index) {
    long z = hash + (index + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    z = z ^ (z >>> 31);
    return (z >>> 40) / 8388608.0 - 1.0;
  }

  /** FNV-1a, 64 bit, of the key. */
  public static long hash(String key) {
    long h = 0xCBF29CE484222325L;
    for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
      h = (h ^ (b & 0xff)) * 0x100000001B3L;
    }
    return h;
  }

  /** {@code uniform('name')} of the manifests: the sequence u(name, 0), u(name, 1), … as floats. */
  public static float[] uniform(String name, int count) {
    long h = hash(name);
    float[] out = new float[count];
    for (int i = 0; i < count; i++) {
      out[i] = (float) uniform(h, i);
    }
    return out;
  }

  /** Whether the rules make this tensor int64 zeros instead of floats. */
  public static boolean isCounter(String key) {
    return key.endsWith("num_batches_tracked");
  }

  /** The weights of a tensor that is not a {@linkplain #isCounter counter}. */
  public static float[] weights(String key, long... shape) {
    long count = 1;
    for (long d : shape) {
      count *= d;
    }
    float[] out = new float[Math.toIntExact(count)];
    fill(key, shape, 0, out);
    return out;
  }

  /**
   * A part of the weights of a tensor: the elements from {@code start} on, as many as {@code out}
   * holds.
   */
  public static void fill(String key, long[] shape, long start, float[] out) {
    long h = hash(key);
    boolean absolute = key.endsWith("running_var");
    boolean norm = shape.length == 1 && key.endsWith(".weight");
    double offset = absolute || (norm && !isEmbedding(key)) ? 1.0 : 0.0;
    double scale = scale(key, shape);
    for (int i = 0; i < out.length; i++) {
      double u = uniform(h, start + i);
      double v = scale * (absolute ? Math.abs(u) : u);
      out[i] = (float) (offset + v);
    }
  }

  private static double scale(String key, long[] shape) {
    if (key.endsWith("running_mean") || key.endsWith("running_var")) {
      return 0.1;
    }
    if (key.endsWith("positional_encoding_gaussian_matrix")) {
      return 1.0;
    }
    if (key.endsWith("attention_biases")) {
      return 0.5;
    }
    if (key.endsWith("pos_embed") || key.endsWith("rel_pos_h") || key.endsWith("rel_pos_w")) {
      return 0.1;
    }
    if (isEmbedding(key)) {
      return 1.0;
    }
    if (shape.length <= 1) {
      return 0.1;
    }
    boolean transposed =
        key.equals("mask_decoder.output_upscaling.0.weight")
            || key.equals("mask_decoder.output_upscaling.3.weight");
    double fan = 1;
    for (int d = 0; d < shape.length; d++) {
      if (d != (transposed ? 1 : 0)) {
        fan *= shape[d];
      }
    }
    return Math.sqrt(3.0 / fan);
  }

  private static boolean isEmbedding(String key) {
    for (String e : EMBEDDINGS) {
      if (key.equals(e)) {
        return true;
      }
    }
    return key.startsWith("prompt_encoder.point_embeddings.");
  }

  private static final double[] CY = {100, 140, 300, 330, 410, 230, 460, 60};
  private static final double[] CX = {120, 350, 90, 260, 420, 450, 150, 460};
  private static final double[] SG = {28, 40, 22, 48, 30, 16, 18, 12};
  private static final double[] A = {150, 120, 160, 110, 140, 130, 120, 150};

  /** {@code synth_image(h, w)}: RGB bytes, interleaved, row by row. */
  public static byte[] image(int h, int w) {
    byte[] out = new byte[h * w * 3];
    double s = Math.max(h, w) / 512.0;
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        double v = 20.0 + 40.0 * x / w + 30.0 * y / h;
        for (int k = 0; k < 8; k++) {
          double cy = CY[k] * h / 512.0;
          double cx = CX[k] * w / 512.0;
          double sg = SG[k] * s;
          double d2 = (y - cy) * (y - cy) + (x - cx) * (x - cx);
          v = v + A[k] * Math.exp(-d2 / (2.0 * sg * sg));
        }
        int i = (y * w + x) * 3;
        out[i] = (byte) (int) Math.floor(Math.min(1.0 * v + 0.0 + 0.5, 255.0));
        out[i + 1] = (byte) (int) Math.floor(Math.min(0.8 * v + 10.0 + 0.5, 255.0));
        out[i + 2] = (byte) (int) Math.floor(Math.min(0.6 * v + 25.0 + 0.5, 255.0));
      }
    }
    return out;
  }
}

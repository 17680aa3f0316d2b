package io.github.microsam.model;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Function;
import java.util.zip.CRC32C;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Hashes that tell models apart.
 *
 * @param whole of all weights
 * @param encoder of what an image's embedding depends on: the image encoder's weights and the
 *     choices that change what it computes. Precision is none of them; it rounds
 */
record Fingerprints(String whole, String encoder) {
  private static final String ENCODER = "image_encoder.";

  static Fingerprints of(
      Map<String, INDArray> weights, Function<INDArray, ByteBuffer> bytes, ModelOptions options) {
    MessageDigest whole = sha256();
    MessageDigest encoder = sha256();
    weights.forEach(
        (key, array) -> {
          CRC32C sum = new CRC32C();
          sum.update(bytes.apply(array));
          String line = key + Arrays.toString(array.shape()) + sum.getValue() + "\n";
          byte[] entry = line.getBytes(StandardCharsets.UTF_8);
          whole.update(entry);
          if (key.startsWith(ENCODER)) {
            encoder.update(entry);
          }
        });
    String choices = options.attentionBiases() + (options.nativeResolution() ? " native" : "");
    encoder.update(choices.getBytes(StandardCharsets.UTF_8));
    return new Fingerprints(
        HexFormat.of().formatHex(whole.digest()), HexFormat.of().formatHex(encoder.digest()));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}

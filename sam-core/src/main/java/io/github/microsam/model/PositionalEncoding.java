package io.github.microsam.model;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Random spatial frequencies, {@code PositionEmbeddingRandom}: a place becomes the sines and
 * cosines of its products with a fixed Gaussian matrix
 * (segment_anything/modeling/prompt_encoder.py).
 */
final class PositionalEncoding {
  private final SDVariable matrix;

  private PositionalEncoding(SDVariable matrix) {
    this.matrix = matrix;
  }

  /**
   * Adds the matrix.
   *
   * @param s where; key {@code positional_encoding_gaussian_matrix [2, channels / 2]}
   * @param channels of an encoding
   * @return the encoding, for any number of uses
   */
  static PositionalEncoding create(Scope s, long channels) {
    return new PositionalEncoding(
        s.buffer("positional_encoding_gaussian_matrix", Init.NORMAL, 2, channels / 2));
  }

  /**
   * Encodes places.
   *
   * @param places {@code [rows, 2]}: x and y as fractions of the image's side
   * @return {@code [rows, channels]}
   */
  SDVariable encode(SDVariable places) {
    SameDiff sd = places.getSameDiff();
    SDVariable phases = sd.mmul(places.mul(2).sub(1), matrix).mul(2 * Math.PI);
    return sd.concat(1, sd.math().sin(phases), sd.math().cos(phases));
  }
}

package io.github.microsam.weights;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A model that somebody has published under a name.
 *
 * @param name its name in micro-sam, for instance {@code vit_b_lm}
 * @param purpose what it was trained for, in a few words
 * @param weights the Segment Anything model
 * @param decoder the decoder for automatic segmentation, a file of its own, if the model has one
 */
public record PublishedModel(
    String name, String purpose, PublishedFile weights, Optional<PublishedFile> decoder) {

  /**
   * The kind of image encoder, which micro-sam's names begin with.
   *
   * @return {@code vit_t}, {@code vit_b}, {@code vit_l} or {@code vit_h}
   */
  public String type() {
    return name.substring(0, Math.min(5, name.length()));
  }

  /**
   * Everything that belongs to the model.
   *
   * @return the weights, then the decoder if there is one
   */
  public List<PublishedFile> files() {
    return Stream.concat(Stream.of(weights), decoder.stream()).toList();
  }
}

package io.github.microsam.weights;

/** The architecture of an image encoder: a plain vision transformer or a TinyViT. */
public sealed interface EncoderConfig permits VitConfig, TinyVitConfig {

  /**
   * Side of the square input.
   *
   * @return pixels, 1024 in the published models
   */
  int imageSize();

  /**
   * Channels of the embedding, which are the width of prompt encoder and mask decoder too.
   *
   * @return channels, 256 in the published models
   */
  int outChannels();

  /**
   * Pixels of the input along one side of an embedding cell.
   *
   * @return 16 in the published models
   */
  int stride();

  /**
   * Side of the square embedding.
   *
   * @return cells, 64 in the published models
   */
  default int embeddingSize() {
    return imageSize() / stride();
  }

  /**
   * The name of the architecture, whatever the size of the images.
   *
   * @return {@code vit_b}, {@code vit_l}, {@code vit_h} or {@code vit_t}; for another one a name
   *     that tells its width and depth
   */
  String modelType();
}

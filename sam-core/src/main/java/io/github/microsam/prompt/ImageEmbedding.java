package io.github.microsam.prompt;

import io.github.microsam.image.CoordinateTransform;

/**
 * What the image encoder makes of an image: features for each cell of a coarse grid, the sizes that
 * bring coordinates and masks from the image to the network and back, and which model made it.
 *
 * <p>A plain value on the Java heap (4 MiB for published models): it needs no closing, can be kept,
 * written to a file and read by any thread. Copying it to native memory costs a thousandth of a
 * prediction. Immutable as long as nobody writes to {@link #features()}.
 */
public final class ImageEmbedding {
  private final float[] features;
  private final int channels;
  private final int side;
  private final int imageSize;
  private final CoordinateTransform transform;
  private final String fingerprint;

  /**
   * An embedding that exists already.
   *
   * @param features shape [channels, side, side]; not copied
   * @param channels number of features of a cell, 256 in published models
   * @param imageSize side of the encoder's input in pixels, 1024 for published models
   * @param transform from coordinates of the image to those of the encoder's input
   * @param fingerprint of the image encoder that made it
   * @throws PromptException if the number of features does not fit
   */
  public ImageEmbedding(
      float[] features,
      int channels,
      int imageSize,
      CoordinateTransform transform,
      String fingerprint) {
    this.features = features;
    this.channels = channels;
    this.imageSize = imageSize;
    this.transform = transform;
    this.fingerprint = fingerprint;
    side = channels < 1 ? 0 : (int) Math.round(Math.sqrt(features.length / (double) channels));
    if ((long) side * side * channels != features.length || side == 0) {
      throw new PromptException(
          "%d features are no square of %d channels".formatted(features.length, channels));
    }
  }

  /**
   * The features.
   *
   * @return shape [channels, side, side]; the array itself, leave it alone
   */
  public float[] features() {
    return features;
  }

  /**
   * Number of features of a cell.
   *
   * @return 256 in published models
   */
  public int channels() {
    return channels;
  }

  /**
   * Side of the grid.
   *
   * @return cells, 64 in published models
   */
  public int side() {
    return side;
  }

  /**
   * Side of the encoder's input.
   *
   * @return pixels, 1024 for published models
   */
  public int imageSize() {
    return imageSize;
  }

  /**
   * From coordinates of the image to those of the encoder's input; knows both sizes.
   *
   * @return the transform
   */
  public CoordinateTransform transform() {
    return transform;
  }

  /**
   * Which image encoder made it.
   *
   * @return {@code SamModel.encoderFingerprint()}
   */
  public String fingerprint() {
    return fingerprint;
  }
}

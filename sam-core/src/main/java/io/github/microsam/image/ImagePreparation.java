package io.github.microsam.image;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How an image becomes the input of a model: conversion to 0 to 255, resizing to the model's input
 * size by the longest side (or none, for models of {@linkplain #atNativeResolution() native
 * resolution}), normalisation with Segment Anything's mean and deviation, then zeros to the right
 * and below. One channel is repeated, a missing third one is zero, of more than three the first
 * three are used and a warning is logged. Stateless; may be shared by threads.
 *
 * <p>Memory holds the result and some rows a thread, whatever the size of the image: 40,000 ×
 * 40,000 pixels that are read from a file are never together in memory.
 *
 * @param imageSize side of the model's input in pixels, 1024 for published models
 * @param values what is done to the values
 * @param nativeResolution whether images that are smaller than the input keep their size
 */
public record ImagePreparation(int imageSize, Values values, boolean nativeResolution) {
  private static final Logger LOG = LoggerFactory.getLogger(ImagePreparation.class);
  // Of red, green and blue, in 0 to 255 (segment-anything, build_sam.py).
  private static final float[] MEAN = {123.675f, 116.28f, 103.53f};
  private static final float[] DEVIATION = {58.395f, 57.12f, 57.375f};

  /** What is done to the values before they are normalised. */
  public enum Values {
    /**
     * micro-sam's inference: each channel stretched from its smallest to its largest value to 8 bit
     * (as {@link EightBitImage#minMax} does), resized in 8 bit. Takes any finite values. Tiles that
     * are prepared one by one have contrasts of their own, as in micro-sam.
     */
    MIN_MAX(AntialiasedBilinear.EIGHT_BIT),
    /**
     * Segment Anything's {@code set_image}: whole numbers from 0 to 255 as they are, resized in 8
     * bit.
     */
    EIGHT_BIT(AntialiasedBilinear.EIGHT_BIT),
    /**
     * What micro-sam trains with: any numbers from 0 to 255 as they are, resized as floats. Images
     * of values from 0 to 1 are not told from dark ones; scale them first.
     */
    FLOAT(AntialiasedBilinear.FLOAT);

    private final AntialiasedBilinear filter;

    Values(AntialiasedBilinear filter) {
      this.filter = filter;
    }

    private ImageSource of(ImageSource image) {
      return switch (this) {
        case MIN_MAX -> EightBitSource.minMax(image);
        case EIGHT_BIT -> EightBitSource.wholeNumbers(image);
        case FLOAT -> EightBitSource.fractions(image);
      };
    }
  }

  /**
   * Checks the size.
   *
   * @param imageSize at least 1
   * @param values what is done to the values
   * @param nativeResolution whether images that are smaller than the input keep their size
   * @throws IllegalArgumentException if it is below 1
   */
  public ImagePreparation {
    if (imageSize < 1) {
      throw new IllegalArgumentException("image size " + imageSize + ", expected at least 1");
    }
  }

  /**
   * A preparation that resizes all images by their longest side.
   *
   * @param imageSize side of the model's input in pixels
   * @param values what is done to the values
   */
  public ImagePreparation(int imageSize, Values values) {
    this(imageSize, values, false);
  }

  /**
   * The same for a model that is made for the pixels of the microscope: images smaller than the
   * input are padded instead of enlarged.
   *
   * @return a copy
   */
  public ImagePreparation atNativeResolution() {
    return new ImagePreparation(imageSize, values, true);
  }

  /**
   * micro-sam's inference, {@link Values#MIN_MAX}.
   *
   * @param imageSize side of the model's input in pixels
   * @return the preparation
   */
  public static ImagePreparation minMax(int imageSize) {
    return new ImagePreparation(imageSize, Values.MIN_MAX);
  }

  /**
   * Segment Anything's own, {@link Values#EIGHT_BIT}.
   *
   * @param imageSize side of the model's input in pixels
   * @return the preparation
   */
  public static ImagePreparation eightBit(int imageSize) {
    return new ImagePreparation(imageSize, Values.EIGHT_BIT);
  }

  /**
   * Prepares one image.
   *
   * @param image of any size from one pixel
   * @return the model's input
   * @throws ImageException if a value is not one that {@link #values} takes; the message tells
   *     which and where
   */
  public PreparedImage prepare(ImageSource image) {
    if (image.channels() > 3) {
      LOG.warn("The image has {} channels; the first three are used.", image.channels());
    }
    CoordinateTransform transform = transform(image.width(), image.height());
    ImageSource converted = values.of(image);
    int plane = Math.multiplyExact(imageSize, imageSize);
    float[] pixels = new float[Math.multiplyExact(3, plane)];
    values.filter.resize(
        converted,
        converted.channels(),
        new AntialiasedBilinear.Target(
            transform.inputWidth(), transform.inputHeight(), pixels, imageSize, plane));
    if (converted.channels() == 1) {
      System.arraycopy(pixels, 0, pixels, plane, plane);
      System.arraycopy(pixels, 0, pixels, 2 * plane, plane);
    }
    normalise(pixels, transform);
    return new PreparedImage(pixels, imageSize, transform);
  }

  private CoordinateTransform transform(int width, int height) {
    return nativeResolution
        ? CoordinateTransform.nativeResolution(width, height, imageSize)
        : CoordinateTransform.longestSide(width, height, imageSize);
  }

  private void normalise(float[] pixels, CoordinateTransform transform) {
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < transform.inputHeight(); y++) {
        int start = (c * imageSize + y) * imageSize;
        for (int i = start; i < start + transform.inputWidth(); i++) {
          pixels[i] = (pixels[i] - MEAN[c]) / DEVIATION[c];
        }
      }
    }
  }
}

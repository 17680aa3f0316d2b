package io.github.microsam.prompt;

import io.github.microsam.image.MaskUpscaling;
import io.github.microsam.image.Tiling;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.type.numeric.real.FloatType;

/**
 * A mask of one object. Holds the logits at low resolution; the mask at the image's size is
 * computed when it is asked for, anew each time.
 *
 * <p>A plain value on the Java heap. Immutable, may be shared by threads.
 */
public final class Prediction {
  private final float iou;
  private final MaskLogits lowRes;
  private final MaskUpscaling upscaling;
  private final int width;
  private final int height;

  Prediction(float iou, MaskLogits lowRes, MaskUpscaling upscaling, int width, int height) {
    this.iou = iou;
    this.lowRes = lowRes;
    this.upscaling = upscaling;
    this.width = width;
    this.height = height;
  }

  /**
   * How well the model expects this mask to fit, as intersection over union with the true one.
   *
   * @return about 0 to 1; the network does not limit it
   */
  public float iouPrediction() {
    return iou;
  }

  /**
   * The mask at low resolution, which {@link Prompt#mask} takes for another prediction.
   *
   * @return logits
   */
  public MaskLogits lowResLogits() {
    return lowRes;
  }

  /**
   * The mask at the size of the image.
   *
   * @return (x, y); true where the logit is above 0
   */
  public RandomAccessibleInterval<NativeBoolType> mask() {
    return mask(0);
  }

  /**
   * The mask at the size of the image with another threshold.
   *
   * @param threshold pixels with larger logits belong to the mask
   * @return (x, y)
   */
  public RandomAccessibleInterval<NativeBoolType> mask(float threshold) {
    return ArrayImgs.booleans(upscaling.masks(lowRes.values(), threshold), width, height);
  }

  /**
   * Logits at the size of the image.
   *
   * @return (x, y); positive inside
   */
  public RandomAccessibleInterval<FloatType> logits() {
    return ArrayImgs.floats(upscaling.logits(lowRes.values()), width, height);
  }

  /**
   * Logits at the size of the image, row by row, for what needs no whole image.
   *
   * @param sink gets every row, from top to bottom
   */
  public void rows(MaskUpscaling.RowSink sink) {
    upscaling.rows(lowRes.values(), 0, sink);
  }

  /**
   * Logits of a part of the image, row by row. Only that part is computed.
   *
   * @param region inside the image; may be empty
   * @param sink gets rows as long as the image is wide, of which only the region's columns are set
   */
  public void rows(Tiling.Region region, MaskUpscaling.RowSink sink) {
    upscaling.rows(lowRes.values(), 0, region, sink);
  }

  /**
   * A part of the image outside of which no logit is above a value. Costs nothing beside what it
   * saves.
   *
   * @param value a logit
   * @return in coordinates of the image; of width and height 0 where no logit is above
   */
  public Tiling.Region support(float value) {
    return upscaling.support(lowRes.values(), 0, value);
  }

  @Override
  public String toString() {
    return "Prediction[" + width + " x " + height + ", IoU prediction " + iou + "]";
  }
}

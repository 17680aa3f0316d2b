package io.github.microsam.prompt;

import io.github.microsam.image.AntialiasedBilinear;
import io.github.microsam.image.CoordinateTransform;
import io.github.microsam.image.ImageSource;
import java.util.Arrays;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.BooleanType;

/**
 * A mask as the network gives and takes it: logits at low resolution, on a square that holds the
 * image in its upper left corner. Positive values are inside.
 *
 * <p>Immutable as long as nobody writes to {@link #values()}; may then be shared by threads.
 */
public final class MaskLogits {
  /** Logit of 0.999, what a pixel of a given mask counts; −{@value} outside. */
  public static final float CERTAIN = 6.906755f;

  private final float[] values;
  private final int side;

  /**
   * Logits that exist already.
   *
   * @param values shape [side, side]; not copied
   * @param side in pixels, 256 in published models: a quarter of the encoder's input
   * @throws PromptException if the number of values is another, or one of them is no finite number
   */
  public MaskLogits(float[] values, int side) {
    if (values.length != (long) side * side) {
      throw new PromptException(
          "%d logits for a mask of %d x %d".formatted(values.length, side, side));
    }
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new PromptException(
            "The logit at (%d, %d) of a mask is %s; only finite numbers can be used."
                .formatted(i % side, i / side, values[i]));
      }
    }
    this.values = values;
    this.side = side;
  }

  /**
   * The logits of a mask of the image: the mask is resized (bilinear, averaging where it shrinks),
   * padded with background to the right and below, and each pixel above one half becomes {@value
   * #CERTAIN}, any other −{@value #CERTAIN} (micro_sam: {@code _compute_logits_from_mask}).
   *
   * @param mask two axes (x, y), as large as the image
   * @param side of the logits in pixels, 256 for published models
   * @return the logits
   * @throws PromptException if the mask has another number of axes
   */
  public static MaskLogits of(RandomAccessibleInterval<? extends BooleanType<?>> mask, int side) {
    return of(MaskPixels.of(mask), side);
  }

  static MaskLogits of(MaskPixels mask, int side) {
    CoordinateTransform sizes = CoordinateTransform.longestSide(mask.width(), mask.height(), side);
    int width = sizes.inputWidth();
    float[] resized = AntialiasedBilinear.FLOAT.resize(asImage(mask), width, sizes.inputHeight());
    float[] values = new float[side * side];
    Arrays.fill(values, -CERTAIN);
    for (int i = 0; i < resized.length; i++) {
      if (resized[i] > 0.5f) {
        values[i / width * side + i % width] = CERTAIN;
      }
    }
    return new MaskLogits(values, side);
  }

  private static ImageSource asImage(MaskPixels mask) {
    return new ImageSource() {
      @Override
      public int width() {
        return mask.width();
      }

      @Override
      public int height() {
        return mask.height();
      }

      @Override
      public int channels() {
        return 1;
      }

      @Override
      public void readRow(int channel, int y, float[] row) {
        for (int x = 0; x < mask.width(); x++) {
          row[x] = mask.contains(x, y) ? 1 : 0;
        }
      }
    };
  }

  /**
   * The logits.
   *
   * @return shape [side, side], row by row; the array itself, leave it alone
   */
  public float[] values() {
    return values;
  }

  /**
   * Side of the square.
   *
   * @return pixels
   */
  public int side() {
    return side;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MaskLogits logits && Arrays.equals(values, logits.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "MaskLogits[" + side + " x " + side + "]";
  }
}

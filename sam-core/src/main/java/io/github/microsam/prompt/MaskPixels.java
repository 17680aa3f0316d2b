package io.github.microsam.prompt;

import java.util.Arrays;
import net.imglib2.Cursor;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.BooleanType;
import net.imglib2.view.Views;

/** The pixels of a mask, counted from its interval's minimum. */
final class MaskPixels {
  private final int width;
  private final boolean[] pixels;

  private MaskPixels(int width, boolean[] pixels) {
    this.width = width;
    this.pixels = pixels;
  }

  static MaskPixels of(RandomAccessibleInterval<? extends BooleanType<?>> mask) {
    if (mask.numDimensions() != 2) {
      throw new PromptException(
          "A mask of %d axes; expected two, (x, y).".formatted(mask.numDimensions()));
    }
    int width = Math.toIntExact(mask.dimension(0));
    boolean[] pixels = new boolean[Math.toIntExact(Math.multiplyExact(width, mask.dimension(1)))];
    Cursor<? extends BooleanType<?>> cursor = Views.flatIterable(mask).cursor();
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = cursor.next().get();
    }
    return new MaskPixels(width, pixels);
  }

  int width() {
    return width;
  }

  int height() {
    return width == 0 ? 0 : pixels.length / width;
  }

  boolean contains(int x, int y) {
    return pixels[y * width + x];
  }

  /** A part of the mask. */
  MaskPixels crop(int x0, int y0, int x1, int y1) {
    boolean[] part = new boolean[(x1 - x0) * (y1 - y0)];
    for (int y = y0; y < y1; y++) {
      System.arraycopy(pixels, y * width + x0, part, (y - y0) * (x1 - x0), x1 - x0);
    }
    return new MaskPixels(x1 - x0, part);
  }

  /**
   * The smallest box around the object.
   *
   * @return the half-open box, x0, y0, x1, y1
   * @throws PromptException if there is no object
   */
  int[] bounds() {
    int[] box = {Integer.MAX_VALUE, Integer.MAX_VALUE, -1, -1};
    for (int i = 0; i < pixels.length; i++) {
      if (pixels[i]) {
        box[0] = Math.min(box[0], i % width);
        box[1] = Math.min(box[1], i / width);
        box[2] = Math.max(box[2], i % width + 1);
        box[3] = Math.max(box[3], i / width + 1);
      }
    }
    if (box[2] < 0) {
      throw new PromptException(
          "A mask of %d x %d pixels without an object; there is nothing to derive a prompt from."
              .formatted(width, height()));
    }
    return box;
  }

  boolean[] pixels() {
    return Arrays.copyOf(pixels, pixels.length);
  }
}

package io.github.microsam.bench;

import io.github.microsam.image.ImageSource;
import io.github.microsam.prompt.Prompt;
import net.imglib2.img.array.ArrayImg;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.img.basictypeaccess.array.ByteArray;
import net.imglib2.type.numeric.integer.UnsignedByteType;

/** A picture of round objects on a grid, of 8 bits. */
final class Cells {
  /** Width and height in pixels. */
  static final int SIDE = 1000;

  private static final int SPACING = 50;
  private static final int RADIUS = 15;

  private Cells() {}

  static ImageSource image() {
    byte[] pixels = new byte[SIDE * SIDE];
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        int dx = x % SPACING - SPACING / 2;
        int dy = y % SPACING - SPACING / 2;
        boolean inside = dx * dx + dy * dy < RADIUS * RADIUS;
        pixels[y * SIDE + x] = (byte) ((inside ? 150 : 20) + (x + 3 * y) % 40);
      }
    }
    ArrayImg<UnsignedByteType, ByteArray> image = ArrayImgs.unsignedBytes(pixels, SIDE, SIDE);
    return ImageSource.of(image);
  }

  /** A box around one of the objects. */
  static Prompt box() {
    return Prompt.box(10, 10, 40, 40);
  }

  /** The corners of {@link #box}, scaled. */
  static float[] corners(float scale) {
    return new float[] {10 * scale, 10 * scale, 40 * scale, 40 * scale};
  }
}

package io.github.microsam.bench;

import io.github.microsam.image.ImageSource;
import io.github.microsam.prompt.Prompt;
import io.github.microsam.train.data.Sample;
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
        pixels[y * SIDE + x] = (byte) brightness(x, y);
      }
    }
    ArrayImg<UnsignedByteType, ByteArray> image = ArrayImgs.unsignedBytes(pixels, SIDE, SIDE);
    return ImageSource.of(image);
  }

  /** The corner of the picture with its labels. */
  static Sample sample(int side) {
    int pixels = side * side;
    float[] image = new float[3 * pixels];
    int[] labels = new int[pixels];
    for (int i = 0; i < pixels; i++) {
      int x = i % side;
      int y = i / side;
      labels[i] = inside(x, y) ? 1 + x / SPACING + y / SPACING * (SIDE / SPACING) : 0;
      for (int c = 0; c < 3; c++) {
        image[c * pixels + i] = brightness(x, y);
      }
    }
    return new Sample(side, side, image, labels, new float[0]);
  }

  private static boolean inside(int x, int y) {
    int dx = x % SPACING - SPACING / 2;
    int dy = y % SPACING - SPACING / 2;
    return dx * dx + dy * dy < RADIUS * RADIUS;
  }

  private static int brightness(int x, int y) {
    return (inside(x, y) ? 150 : 20) + (x + 3 * y) % 40;
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

package io.github.microsam.train.data;

import io.github.microsam.image.AntialiasedBilinear;
import io.github.microsam.image.ImageSource;

/** The part of a plane that becomes a patch; where it reaches beyond the plane there is zero. */
record PatchWindow(int x0, int y0, int width, int height) {

  /** Labels of the window, resized by taking the nearest pixel. */
  int[] labels(LabelledPlane plane, int newWidth, int newHeight) {
    int[] out = new int[newWidth * newHeight];
    for (int y = 0; y < newHeight; y++) {
      int v = y0 + nearest(y, newHeight, height);
      if (v >= plane.height()) {
        break;
      }
      for (int x = 0; x < newWidth; x++) {
        int u = x0 + nearest(x, newWidth, width);
        if (u < plane.width()) {
          out[y * newWidth + x] = plane.labels()[v * plane.width() + u];
        }
      }
    }
    return out;
  }

  private static int nearest(int position, int newLength, int length) {
    return (int) ((2L * position + 1) * length / (2L * newLength));
  }

  /** Values of the window, shape [channels, newHeight, newWidth]. */
  float[] values(LabelledPlane plane, int newWidth, int newHeight) {
    Cut cut = new Cut(plane);
    if (newWidth == width && newHeight == height) {
      float[] out = new float[cut.channels() * width * height];
      float[] row = new float[width];
      for (int c = 0; c < cut.channels(); c++) {
        for (int y = 0; y < height; y++) {
          cut.readRow(c, y, row);
          System.arraycopy(row, 0, out, (c * height + y) * width, width);
        }
      }
      return out;
    }
    return AntialiasedBilinear.FLOAT.resize(cut, newWidth, newHeight);
  }

  private final class Cut implements ImageSource {
    private final LabelledPlane plane;

    Cut(LabelledPlane plane) {
      this.plane = plane;
    }

    @Override
    public int width() {
      return width;
    }

    @Override
    public int height() {
      return height;
    }

    @Override
    public int channels() {
      return plane.image().channels();
    }

    @Override
    public void readRow(int channel, int y, float[] row) {
      int v = y0 + y;
      int inside = v < plane.height() ? Math.min(width, plane.width() - x0) : 0;
      int offset = (channel * plane.height() + v) * plane.width() + x0;
      byte[] pixels = plane.image().pixels();
      for (int x = 0; x < inside; x++) {
        row[x] = pixels[offset + x] & 0xff;
      }
      for (int x = inside; x < width; x++) {
        row[x] = 0;
      }
    }
  }
}

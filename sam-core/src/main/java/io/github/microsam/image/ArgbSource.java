package io.github.microsam.image;

import net.imglib2.RandomAccess;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.ARGBType;

/** Rows of an image of packed colours. */
final class ArgbSource implements ImageSource {
  private final RandomAccessibleInterval<ARGBType> image;

  ArgbSource(RandomAccessibleInterval<ARGBType> image) {
    Sides.check(image, 2, 2);
    this.image = image;
  }

  @Override
  public int width() {
    return (int) image.dimension(0);
  }

  @Override
  public int height() {
    return (int) image.dimension(1);
  }

  @Override
  public int channels() {
    return 3;
  }

  @Override
  public void readRow(int channel, int y, float[] row) {
    RandomAccess<ARGBType> access = image.randomAccess();
    access.setPosition(image.min(0), 0);
    access.setPosition(image.min(1) + y, 1);
    int shift = 16 - 8 * channel;
    int last = width() - 1;
    for (int x = 0; x <= last; x++) {
      row[x] = (access.get().get() >> shift) & 0xff;
      if (x < last) {
        access.fwd(0);
      }
    }
  }
}

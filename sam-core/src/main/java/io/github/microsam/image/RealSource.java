package io.github.microsam.image;

import net.imglib2.RandomAccess;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.RealType;
import net.imglib2.view.Views;

/** Rows of an image of real numbers. */
final class RealSource implements ImageSource {
  private final RandomAccessibleInterval<? extends RealType<?>> image;

  RealSource(RandomAccessibleInterval<? extends RealType<?>> image) {
    Sides.check(image, 2, 3);
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
    return image.numDimensions() == 2 ? 1 : (int) image.dimension(2);
  }

  @Override
  public ImageSource part(Tiling.Region region) {
    Sides.checkPart(region, width(), height());
    long[] min = image.minAsLongArray();
    long[] max = image.maxAsLongArray();
    min[0] += region.x();
    min[1] += region.y();
    max[0] = min[0] + region.width() - 1;
    max[1] = min[1] + region.height() - 1;
    return new RealSource(Views.interval(image, min, max));
  }

  @Override
  public void readRow(int channel, int y, float[] row) {
    RandomAccess<? extends RealType<?>> access = image.randomAccess();
    access.setPosition(image.min(0), 0);
    access.setPosition(image.min(1) + y, 1);
    if (image.numDimensions() == 3) {
      access.setPosition(image.min(2) + channel, 2);
    }
    int last = width() - 1;
    for (int x = 0; x < last; x++) {
      row[x] = access.get().getRealFloat();
      access.fwd(0);
    }
    row[last] = access.get().getRealFloat();
  }
}

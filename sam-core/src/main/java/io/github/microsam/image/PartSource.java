package io.github.microsam.image;

/**
 * A rectangle of another image, whose rows are read whole.
 *
 * @param image the image
 * @param region the rectangle
 * @param rows keeps a row for each thread that reads
 */
record PartSource(ImageSource image, Tiling.Region region, ThreadLocal<float[]> rows)
    implements ImageSource {

  static PartSource of(ImageSource image, Tiling.Region region) {
    return new PartSource(image, region, ThreadLocal.withInitial(() -> new float[image.width()]));
  }

  @Override
  public int width() {
    return region.width();
  }

  @Override
  public int height() {
    return region.height();
  }

  @Override
  public int channels() {
    return image.channels();
  }

  @Override
  public void readRow(int channel, int y, float[] row) {
    float[] whole = rows.get();
    image.readRow(channel, region.y() + y, whole);
    System.arraycopy(whole, region.x(), row, 0, region.width());
  }
}

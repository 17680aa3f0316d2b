package io.github.microsam.cli;

import io.github.microsam.image.ImageSource;
import io.github.microsam.image.Tiling;
import io.github.microsam.io.ImageFile;
import java.lang.ref.SoftReference;

/**
 * A plane of a file that is read when it is needed, and may be read again where memory is scarce:
 * of a stack not all planes are in memory.
 */
final class LazyPlane implements ImageSource {
  private final ImageFile file;
  private final int plane;
  private SoftReference<ImageSource> pixels = new SoftReference<>(null);

  /**
   * A plane.
   *
   * @param plane its number in a file with slices or frames
   */
  LazyPlane(ImageFile file, int plane) {
    this.file = file;
    this.plane = plane;
  }

  private synchronized ImageSource pixels() {
    ImageSource read = pixels.get();
    if (read == null) {
      int slice = file.slices() > 1 ? plane : 0;
      read = ImageSource.of(file.plane(slice, file.slices() > 1 ? 0 : plane));
      pixels = new SoftReference<>(read);
    }
    return read;
  }

  @Override
  public int width() {
    return file.width();
  }

  @Override
  public int height() {
    return file.height();
  }

  @Override
  public int channels() {
    return file.channels();
  }

  @Override
  public void readRow(int channel, int y, float[] row) {
    pixels().readRow(channel, y, row);
  }

  @Override
  public ImageSource part(Tiling.Region region) {
    return pixels().part(region);
  }
}

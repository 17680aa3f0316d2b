package io.github.microsam.io;

import io.github.microsam.image.ImageException;
import java.nio.file.Path;
import java.util.Locale;
import net.imglib2.Cursor;
import net.imglib2.RandomAccess;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.IntegerType;
import net.imglib2.type.numeric.RealType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.view.Views;

/**
 * Label images in files: 0 is background, every object has a number of its own.
 *
 * <p>Written as TIFF with 16 bits where the numbers fit and else 32, compressed with Deflate, which
 * Fiji, QuPath and tifffile open; or as PNG with 16 bits. Read from these and from any image of one
 * channel with whole numbers, also the 32-bit floats that Fiji writes. May be used by several
 * threads.
 */
public final class LabelFile {
  private static final long MOST = 0xffffffffL;

  private LabelFile() {}

  /**
   * Writes labels; a file that exists is replaced.
   *
   * @param path ends with .tif, .tiff or .png; folders that are missing are made
   * @param labels (x, y), or (x, y, z) for TIFF; from 0 to 4,294,967,295, in PNG to 65,535
   * @throws ImageException if the suffix is another one, or a label does not fit
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public static void write(Path path, RandomAccessibleInterval<? extends IntegerType<?>> labels) {
    int axes = labels.numDimensions();
    String suffix = suffix(path);
    boolean png = suffix.equals("png");
    if (!png && !suffix.equals("tif") && !suffix.equals("tiff")) {
      throw new ImageException(path + ": labels are written as .tif or .png, not as " + suffix);
    }
    if (axes < 2 || axes > (png ? 2 : 3)) {
      throw new ImageException(
          "%s: the labels have %d axes, expected (x, y)%s"
              .formatted(path, axes, png ? "; write stacks as .tif" : " or (x, y, z)"));
    }
    long largest = largest(labels);
    if (png && largest > 0xffff) {
      throw new ImageException(
          path + ": label " + largest + " does not fit a PNG of 16 bits: write it as .tif");
    }
    LabelPages pages = new LabelPages(labels, largest > 0xffff);
    WholeFile.write(
        path,
        temporary -> {
          if (png) {
            pages.writePng(temporary);
          } else {
            pages.writeTiff(temporary);
          }
        });
  }

  /**
   * Reads labels.
   *
   * @param path of an image with one channel
   * @return (x, y), or (x, y, z) if the file is a stack (of slices or of frames, one after another)
   * @throws ImageException if there is no such file, it is damaged, has several channels or a value
   *     that is not a whole number from 0 to 4,294,967,295
   */
  public static RandomAccessibleInterval<UnsignedIntType> read(Path path) {
    ImageFile file = ImageFile.open(path);
    if (file.channels() != 1) {
      throw new ImageException(
          path + " has " + file.channels() + " channels, expected a label image with one.");
    }
    int planes = Math.multiplyExact(file.slices(), file.frames());
    RandomAccessibleInterval<UnsignedIntType> labels =
        ArrayImgs.unsignedInts(file.width(), file.height(), planes);
    for (int i = 0; i < planes; i++) {
      copy(path, file.plane(i % file.slices(), i / file.slices()), Views.hyperSlice(labels, 2, i));
    }
    return planes == 1 ? Views.hyperSlice(labels, 2, 0) : labels;
  }

  private static void copy(
      Path path,
      RandomAccessibleInterval<? extends RealType<?>> from,
      RandomAccessibleInterval<UnsignedIntType> to) {
    Cursor<UnsignedIntType> target = Views.flatIterable(to).localizingCursor();
    RandomAccess<? extends RealType<?>> source = from.randomAccess();
    while (target.hasNext()) {
      UnsignedIntType label = target.next();
      source.setPosition(target);
      double value = source.get().getRealDouble();
      if (!(value >= 0 && value <= MOST && value == (long) value)) {
        throw new ImageException(
            "%s has the value %s at x %d, y %d, expected labels: whole numbers from 0 to %d."
                .formatted(
                    path, value, target.getLongPosition(0), target.getLongPosition(1), MOST));
      }
      label.set((long) value);
    }
  }

  /** The largest label; all are checked to be such. */
  static long largest(RandomAccessibleInterval<? extends IntegerType<?>> labels) {
    long largest = 0;
    for (IntegerType<?> label : labels) {
      long value = label.getIntegerLong();
      if (value < 0 || value > MOST) {
        throw new ImageException("Label " + value + ", expected 0 to " + MOST + ": relabel first.");
      }
      largest = Math.max(largest, value);
    }
    return largest;
  }

  private static String suffix(Path path) {
    String name = path.getFileName().toString();
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }
}

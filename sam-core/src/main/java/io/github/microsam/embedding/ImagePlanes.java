package io.github.microsam.embedding;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.IntFunction;
import net.imglib2.RandomAccess;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.BooleanType;
import net.imglib2.type.numeric.IntegerType;
import net.imglib2.type.numeric.RealType;
import net.imglib2.type.numeric.real.FloatType;

/**
 * The pixels that are embedded: an image, or the slices of a stack, each read when it is needed.
 *
 * @param count number of planes, at least 1
 * @param isStack whether it is a stack, also of a single slice
 * @param reader reads a plane by its number: (x, y) or (x, y, channel), all of the same size and
 *     type
 */
public record ImagePlanes(
    int count,
    boolean isStack,
    IntFunction<RandomAccessibleInterval<? extends RealType<?>>> reader) {

  /**
   * Checks the number.
   *
   * @param count at least 1; 1 if it is no stack
   * @param isStack whether it is a stack
   * @param reader reads a plane
   * @throws IllegalArgumentException for another number
   */
  public ImagePlanes {
    if (count < 1 || (!isStack && count != 1)) {
      throw new IllegalArgumentException(
          count + " planes of " + (isStack ? "a stack" : "an image"));
    }
  }

  /**
   * An image.
   *
   * @param image (x, y) or (x, y, channel)
   * @return a single plane
   */
  public static ImagePlanes of(RandomAccessibleInterval<? extends RealType<?>> image) {
    return new ImagePlanes(1, false, i -> image);
  }

  /**
   * A stack.
   *
   * @param count number of its slices
   * @param reader reads a slice by its number: (x, y) or (x, y, channel)
   * @return the slices
   */
  public static ImagePlanes ofStack(
      int count, IntFunction<RandomAccessibleInterval<? extends RealType<?>>> reader) {
    return new ImagePlanes(count, true, reader);
  }

  /**
   * Reads a plane.
   *
   * @param number from 0
   * @return (x, y) or (x, y, channel)
   */
  public RandomAccessibleInterval<? extends RealType<?>> plane(int number) {
    return reader.apply(number);
  }

  /**
   * What tells these pixels from others: micro-sam's {@code data_signature}, SHA-1 of the bytes of
   * the array as NumPy has them, little-endian, in the order (slice, y, x, channel). As there,
   * neither sizes nor type are a part of it.
   *
   * @return 40 hexadecimal digits
   */
  public String signature() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      for (int i = 0; i < count; i++) {
        update(digest, plane(i));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }

  private static void update(
      MessageDigest digest, RandomAccessibleInterval<? extends RealType<?>> plane) {
    int width = Math.toIntExact(plane.dimension(0));
    int channels = plane.numDimensions() == 2 ? 1 : Math.toIntExact(plane.dimension(2));
    RandomAccess<? extends RealType<?>> access = plane.randomAccess();
    RealType<?> type = plane.getType();
    int bytes = bytes(type);
    ByteBuffer row =
        ByteBuffer.allocate(Math.multiplyExact(bytes, width * channels))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (long y = 0; y < plane.dimension(1); y++) {
      access.setPosition(plane.min(1) + y, 1);
      row.clear();
      for (int x = 0; x < width; x++) {
        access.setPosition(plane.min(0) + x, 0);
        for (int c = 0; c < channels; c++) {
          if (plane.numDimensions() == 3) {
            access.setPosition(plane.min(2) + c, 2);
          }
          put(row, access.get(), bytes);
        }
      }
      digest.update(row.array(), 0, row.position());
    }
  }

  private static int bytes(RealType<?> type) {
    return type instanceof BooleanType ? 1 : Math.max(1, type.getBitsPerPixel() / 8);
  }

  private static void put(ByteBuffer row, RealType<?> value, int bytes) {
    if (value instanceof IntegerType<?> integer) {
      long bits = integer.getIntegerLong();
      for (int i = 0; i < bytes; i++) {
        row.put((byte) (bits >> (8 * i)));
      }
    } else if (value instanceof FloatType) {
      row.putFloat(value.getRealFloat());
    } else {
      row.putDouble(value.getRealDouble());
    }
  }
}

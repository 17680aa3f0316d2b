package io.github.microsam.golden;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An array of a NumPy {@code .npy} file in C order.
 *
 * @param dtype NumPy's name: float32, float64, int32, int64, uint8, bool
 * @param shape size along each axis
 * @param values the elements; every type of the fixtures fits a double exactly
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and tests change none of it
public record NpyArray(String dtype, long[] shape, double[] values) {
  private static final Pattern HEADER =
      Pattern.compile("'descr': '[<|=]([a-z]\\d)', 'fortran_order': False, 'shape': \\(([^)]*)\\)");

  /** Reads a little-endian array in C order. */
  public static NpyArray read(InputStream in) throws IOException {
    ByteBuffer file = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
    byte[] magic = new byte[6];
    file.get(magic);
    if (!Arrays.equals(magic, new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'})) {
      throw new IOException("not a .npy file");
    }
    int major = file.get();
    file.get();
    byte[] header = new byte[major == 1 ? file.getShort() : file.getInt()];
    file.get(header);
    Matcher m = HEADER.matcher(new String(header, StandardCharsets.ISO_8859_1));
    if (!m.find()) {
      throw new IOException(new String(header, StandardCharsets.ISO_8859_1));
    }
    long[] shape =
        Pattern.compile(",\\s*")
            .splitAsStream(m.group(2).trim())
            .filter(s -> !s.isEmpty())
            .mapToLong(Long::parseLong)
            .toArray();
    int count = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    double[] values = new double[count];
    String type = m.group(1);
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (type) {
            case "f4" -> file.getFloat();
            case "f8" -> file.getDouble();
            case "i4" -> file.getInt();
            case "i8" -> file.getLong();
            case "u1", "b1" -> file.get() & 0xff;
            case "u2" -> file.getShort() & 0xffff;
            default -> throw new IOException("dtype " + type);
          };
    }
    String dtype =
        switch (type) {
          case "f4" -> "float32";
          case "f8" -> "float64";
          case "i4" -> "int32";
          case "i8" -> "int64";
          case "u1" -> "uint8";
          case "u2" -> "uint16";
          default -> "bool";
        };
    return new NpyArray(dtype, shape, values);
  }

  /** The elements as floats; exact for float32 and for integers below 2^24. */
  public float[] floats() {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) values[i];
    }
    return out;
  }

  /** The elements as integers; exact for every integer type of the fixtures. */
  public int[] ints() {
    int[] out = new int[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (int) values[i];
    }
    return out;
  }

  @Override
  public String toString() {
    return dtype + Arrays.toString(shape);
  }
}

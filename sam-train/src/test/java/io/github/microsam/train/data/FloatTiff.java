package io.github.microsam.train.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes TIFF files of 32-bit floats, uncompressed, of less than 64 KiB. */
final class FloatTiff {
  private static final int HEADER = 8;
  private static final int SHORT = 3;

  private FloatTiff() {}

  static void write(Path file, int width, int height, float... values) throws IOException {
    int bytes = Float.BYTES * values.length;
    int[][] entries = {
      {256, width},
      {257, height},
      {258, 32},
      {259, 1},
      {262, 1},
      {273, HEADER},
      {277, 1},
      {278, height},
      {279, bytes},
      {339, 3}
    };
    ByteBuffer out =
        ByteBuffer.allocate(HEADER + bytes + 2 + 12 * entries.length + 4)
            .order(ByteOrder.LITTLE_ENDIAN);
    out.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(HEADER + bytes);
    for (float value : values) {
      out.putFloat(value);
    }
    out.putShort((short) entries.length);
    for (int[] entry : entries) {
      out.putShort((short) entry[0]).putShort((short) SHORT).putInt(1).putInt(entry[1]);
    }
    Files.write(file, out.array());
  }
}

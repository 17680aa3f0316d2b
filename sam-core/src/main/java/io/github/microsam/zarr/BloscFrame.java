package io.github.microsam.zarr;

import io.airlift.compress.Decompressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.snappy.SnappyDecompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * A frame of Blosc 1 (c-blosc, README_CHUNK_FORMAT): a header of 16 bytes, the offsets of the
 * blocks, and blocks of one stream, or one for each byte of an element, which are shuffled.
 */
final class BloscFrame {
  private static final int HEADER = 16;
  private static final int SHUFFLED = 1;
  private static final int STORED = 2;
  private static final int BIT_SHUFFLED = 4;
  private static final int NOT_SPLIT = 16;
  private static final int MOST_SPLITS = 16;
  private static final int SMALLEST_SPLIT = 128;

  private final byte[] bytes;
  private final ByteBuffer frame;
  private final int flags;
  private final int typeSize;
  private final int size;
  private final int blockSize;

  BloscFrame(byte[] bytes) throws IOException {
    if (bytes.length < HEADER) {
      throw new IOException(bytes.length + " bytes, less than the header of a Blosc frame");
    }
    this.bytes = bytes;
    frame = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    flags = bytes[2];
    typeSize = Math.max(1, bytes[3] & 0xff);
    size = frame.getInt(4);
    blockSize = frame.getInt(8);
    if (bytes[0] != 2
        || size < 0
        || (blockSize < 1 && size > 0)
        || frame.getInt(12) != bytes.length) {
      throw new IOException("a Blosc frame whose header is damaged, or of another version");
    }
  }

  /** A frame around bytes that are not compressed. */
  static byte[] stored(byte[] content) {
    byte[] out = new byte[HEADER + content.length];
    ByteBuffer.wrap(out)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) 2)
        .put((byte) 1)
        .put((byte) STORED)
        .put((byte) 1)
        .putInt(content.length)
        .putInt(Math.max(1, content.length))
        .putInt(out.length)
        .put(content);
    return out;
  }

  byte[] decode(int most) throws IOException {
    if (size > most) {
      throw new IOException("a Blosc frame of %d bytes, expected %d".formatted(size, most));
    }
    byte[] out = new byte[size];
    if ((flags & STORED) != 0) {
      if (bytes.length != HEADER + size) {
        throw new IOException("a Blosc frame that is cut off");
      }
      System.arraycopy(bytes, HEADER, out, 0, size);
      return out;
    }
    int blocks = size == 0 ? 0 : (size - 1) / blockSize + 1;
    try {
      for (int i = 0; i < blocks; i++) {
        int start = i * blockSize;
        byte[] block = block(frame.getInt(HEADER + 4 * i), Math.min(blockSize, size - start));
        System.arraycopy(unshuffled(block), 0, out, start, block.length);
      }
    } catch (IndexOutOfBoundsException | DataFormatException e) {
      throw new IOException("a Blosc frame whose content is damaged", e);
    }
    return out;
  }

  private byte[] block(int offset, int length) throws IOException, DataFormatException {
    boolean split =
        (flags & NOT_SPLIT) == 0
            && typeSize <= MOST_SPLITS
            && blockSize / typeSize >= SMALLEST_SPLIT
            && length == blockSize;
    int streams = split ? typeSize : 1;
    byte[] block = new byte[length];
    int at = offset;
    int each = length / streams;
    for (int i = 0; i < streams; i++) {
      int compressed = frame.getInt(at);
      at += 4;
      if (compressed == each) {
        System.arraycopy(bytes, at, block, i * each, each);
      } else {
        decompress(at, compressed, block, i * each, each);
      }
      at += compressed;
    }
    return block;
  }

  private void decompress(int from, int length, byte[] to, int start, int expected)
      throws IOException, DataFormatException {
    int format = flags >> 5 & 7;
    int written =
        switch (format) {
          case 0 -> BloscLz.decompress(bytes, from, length, to, start, expected);
          case 1 -> run(new Lz4Decompressor(), from, length, to, start, expected);
          case 2 -> run(new SnappyDecompressor(), from, length, to, start, expected);
          case 3 -> inflate(from, length, to, start, expected);
          case 4 -> run(new ZstdDecompressor(), from, length, to, start, expected);
          default -> throw new IOException("a Blosc frame compressed in the unknown way " + format);
        };
    if (written != expected) {
      throw new IOException("a Blosc stream of %d bytes, expected %d".formatted(written, expected));
    }
  }

  private int run(Decompressor d, int from, int length, byte[] to, int start, int expected) {
    return d.decompress(bytes, from, length, to, start, expected);
  }

  private int inflate(int from, int length, byte[] to, int start, int expected)
      throws DataFormatException {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(bytes, from, length);
      return inflater.inflate(to, start, expected);
    } finally {
      inflater.end();
    }
  }

  private byte[] unshuffled(byte[] block) {
    if ((flags & SHUFFLED) != 0 && typeSize > 1) {
      return unshuffledBytes(block);
    }
    return (flags & BIT_SHUFFLED) != 0 && block.length >= typeSize ? unshuffledBits(block) : block;
  }

  /** First bytes of all elements, then second bytes…; what is left over stays where it is. */
  private byte[] unshuffledBytes(byte[] block) {
    byte[] out = block.clone();
    int elements = block.length / typeSize;
    for (int b = 0; b < typeSize; b++) {
      for (int i = 0; i < elements; i++) {
        out[i * typeSize + b] = block[b * elements + i];
      }
    }
    return out;
  }

  /** The same for bits, of a multiple of eight elements. */
  private byte[] unshuffledBits(byte[] block) {
    byte[] out = block.clone();
    int elements = block.length / typeSize / 8 * 8;
    int row = elements / 8;
    for (int b = 0; b < typeSize; b++) {
      for (int i = 0; i < elements; i++) {
        int value = 0;
        for (int bit = 0; bit < 8; bit++) {
          value |= (block[(b * 8 + bit) * row + i / 8] >> (i % 8) & 1) << bit;
        }
        out[i * typeSize + b] = (byte) value;
      }
    }
    return out;
  }
}

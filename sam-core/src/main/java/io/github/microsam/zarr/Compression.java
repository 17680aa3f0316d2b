package io.github.microsam.zarr;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.airlift.compress.Compressor;
import io.airlift.compress.lz4.Lz4Compressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.zstd.ZstdCompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;

/** One step from the bytes of a chunk to those of its file: numcodecs' compressors. */
enum Compression {
  ZSTD {
    @Override
    byte[] decode(byte[] bytes, int expected) {
      byte[] out = new byte[expected];
      int size = new ZstdDecompressor().decompress(bytes, 0, bytes.length, out, 0, expected);
      return Arrays.copyOf(out, size);
    }

    @Override
    byte[] encode(byte[] bytes) {
      return compress(new ZstdCompressor(), bytes, 0);
    }
  },
  GZIP {
    @Override
    byte[] decode(byte[] bytes, int expected) throws IOException {
      return read(new GZIPInputStream(new ByteArrayInputStream(bytes)), expected);
    }

    @Override
    byte[] encode(byte[] bytes) throws IOException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      return write(new GZIPOutputStream(out), out, bytes);
    }
  },
  ZLIB {
    @Override
    byte[] decode(byte[] bytes, int expected) throws IOException {
      return read(new InflaterInputStream(new ByteArrayInputStream(bytes)), expected);
    }

    @Override
    byte[] encode(byte[] bytes) throws IOException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      return write(new DeflaterOutputStream(out), out, bytes);
    }
  },
  /** A block after its decompressed size in four bytes. */
  LZ4 {
    @Override
    byte[] decode(byte[] bytes, int expected) {
      byte[] out = new byte[expected];
      int size = new Lz4Decompressor().decompress(bytes, 4, bytes.length - 4, out, 0, expected);
      return Arrays.copyOf(out, size);
    }

    @Override
    byte[] encode(byte[] bytes) {
      byte[] out = compress(new Lz4Compressor(), bytes, 4);
      ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.length);
      return out;
    }
  },
  BLOSC {
    @Override
    byte[] decode(byte[] bytes, int expected) throws IOException {
      return new BloscFrame(bytes).decode(expected);
    }

    @Override
    byte[] encode(byte[] bytes) {
      return BloscFrame.stored(bytes);
    }
  },
  /** A checksum in the last four bytes. */
  CRC32C {
    @Override
    byte[] decode(byte[] bytes, int expected) throws IOException {
      int end = bytes.length - 4;
      if (end < 0 || little(bytes, end) != sum(bytes, end)) {
        throw new IOException("the checksum is wrong: the file is damaged");
      }
      return Arrays.copyOf(bytes, end);
    }

    @Override
    byte[] encode(byte[] bytes) {
      byte[] out = Arrays.copyOf(bytes, bytes.length + 4);
      ByteBuffer.wrap(out)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(bytes.length, sum(bytes, bytes.length));
      return out;
    }
  };

  /**
   * Undoes the step.
   *
   * @param expected largest size of the result
   */
  abstract byte[] decode(byte[] bytes, int expected) throws IOException;

  abstract byte[] encode(byte[] bytes) throws IOException;

  /** By the name that either version gives it. */
  static Compression of(String name) {
    return switch (name) {
      case "zstd", "numcodecs.zstd" -> ZSTD;
      case "gzip", "numcodecs.gzip" -> GZIP;
      case "zlib", "numcodecs.zlib" -> ZLIB;
      case "lz4", "numcodecs.lz4" -> LZ4;
      case "blosc", "numcodecs.blosc" -> BLOSC;
      case "crc32c" -> CRC32C;
      default ->
          throw new ZarrException(
              "compressed with " + name + ", expected zstd, gzip, zlib, lz4 or blosc");
    };
  }

  /** A new array's compressor in version 2: what every zarr-python reads. */
  static JsonObject v2Default() {
    JsonObject zstd = new JsonObject();
    zstd.addProperty("id", "zstd");
    zstd.addProperty("level", 3);
    return zstd;
  }

  /** Name in a list of codecs of version 3. */
  static String nameOf(JsonElement codec) {
    return codec.isJsonPrimitive()
        ? codec.getAsString()
        : codec.getAsJsonObject().get("name").getAsString();
  }

  private static byte[] compress(Compressor compressor, byte[] bytes, int header) {
    byte[] out = new byte[header + compressor.maxCompressedLength(bytes.length)];
    int size = compressor.compress(bytes, 0, bytes.length, out, header, out.length - header);
    return Arrays.copyOf(out, header + size);
  }

  /** One byte more than expected shows that there is too much. */
  private static byte[] read(InputStream in, int expected) throws IOException {
    try (in) {
      return in.readNBytes(expected + 1);
    }
  }

  private static byte[] write(OutputStream compressor, ByteArrayOutputStream out, byte[] bytes)
      throws IOException {
    try (compressor) {
      compressor.write(bytes);
    }
    return out.toByteArray();
  }

  private static int sum(byte[] bytes, int length) {
    CRC32C sum = new CRC32C();
    sum.update(bytes, 0, length);
    return (int) sum.getValue();
  }

  private static int little(byte[] bytes, int at) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
  }
}

package io.github.microsam.zarr;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** A file of several chunks and an index of where they are (Zarr's codec sharding_indexed). */
record Shard(Path file, ArrayMetadata metadata) {
  private static final int ENTRY = 16;
  private static final int CHECKSUM = 4;

  /** The bytes of a chunk; empty if it is not stored. */
  Optional<byte[]> chunk(long[] index) {
    ArrayMetadata.Sharding sharding = metadata.sharding().orElseThrow();
    int number = 0;
    int count = 1;
    for (int d = 0; d < index.length; d++) {
      int perShard = metadata.fileShape()[d] / sharding.chunkShape()[d];
      number = number * perShard + (int) (index[d] % perShard);
      count = Math.multiplyExact(count, perShard);
    }
    try (FileChannel channel = FileChannel.open(file)) {
      boolean summed = sharding.index().steps().contains(Compression.CRC32C);
      int size = count * ENTRY + (summed ? CHECKSUM : 0);
      long start = sharding.indexFirst() ? 0 : channel.size() - size;
      ByteBuffer entries =
          ZarrArray.decode(file, read(channel, start, size), sharding.index(), count * ENTRY);
      long offset = entries.getLong(number * ENTRY);
      long length = entries.getLong(number * ENTRY + 8);
      if (offset == -1 && length == -1) {
        return Optional.empty();
      }
      return Optional.of(read(channel, offset, Math.toIntExact(length)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read (" + e + ")", e);
    }
  }

  private byte[] read(FileChannel channel, long from, int length) throws IOException {
    if (from < 0 || length < 0 || from + length > channel.size()) {
      throw new ZarrException(file + " is damaged: chunks beyond its end; delete it.");
    }
    ByteBuffer bytes = ByteBuffer.allocate(length);
    int more = 0;
    while (bytes.hasRemaining() && more >= 0) {
      more = channel.read(bytes, from + bytes.position());
    }
    return bytes.array();
  }
}

package io.github.microsam.zarr;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;

/**
 * An array in chunks, each a file. Axes and positions are in Zarr's order: the last axis changes
 * fastest.
 *
 * <p>Nothing is kept in memory. Chunks are replaced at once, so threads and processes may read and
 * write at the same time; they see the old or the new chunk. Immutable.
 */
public final class ZarrArray {
  private final Path path;
  private final ArrayMetadata metadata;

  ZarrArray(Path path, ArrayMetadata metadata) {
    this.path = path;
    this.metadata = metadata;
    if (metadata.shape().length != metadata.chunkShape().length
        || Arrays.stream(metadata.chunkShape()).anyMatch(size -> size < 1)) {
      throw new ZarrException(
          "%s has the shape %s in chunks of %s"
              .formatted(
                  path, Arrays.toString(metadata.shape()), Arrays.toString(metadata.chunkShape())));
    }
  }

  /** Receives elements. */
  @FunctionalInterface
  public interface Elements {
    /**
     * Takes one element.
     *
     * @param position in the block that is read, in C order
     * @param value its value
     */
    void set(int position, double value);
  }

  /**
   * Elements along each axis.
   *
   * @return a copy
   */
  public long[] shape() {
    return metadata.shape().clone();
  }

  /**
   * Elements of a chunk along each axis.
   *
   * @return a copy
   */
  public int[] chunkShape() {
    return metadata.chunkShape().clone();
  }

  /**
   * What the elements are.
   *
   * @return their type
   */
  public ZarrType type() {
    return metadata.type();
  }

  /**
   * Attributes as they are now.
   *
   * @return empty if there are none
   */
  public JsonObject attributes() {
    return new Attributes(path, metadata.format()).read();
  }

  /**
   * Replaces the attributes.
   *
   * @param attributes all of them
   */
  public void setAttributes(JsonObject attributes) {
    new Attributes(path, metadata.format()).write(attributes);
  }

  /**
   * Whether a chunk is stored.
   *
   * @param index its number along each axis
   * @return false where it has the fill value
   */
  public boolean hasChunk(long... index) {
    return Files.isRegularFile(file(index));
  }

  /**
   * Reads a block.
   *
   * @param offset its first element
   * @param size its elements along each axis
   * @param elements receives each element once, in no order
   * @throws ZarrException if a chunk is damaged
   */
  public void read(long[] offset, int[] size, Elements elements) {
    int n = metadata.axes();
    for (int d = 0; d < n; d++) {
      if (offset[d] < 0 || size[d] < 0 || offset[d] + size[d] > metadata.shape()[d]) {
        throw new IndexOutOfBoundsException(
            "block at %s of %s in an array of %s"
                .formatted(
                    Arrays.toString(offset),
                    Arrays.toString(size),
                    Arrays.toString(metadata.shape())));
      }
    }
    if (Arrays.stream(size).anyMatch(side -> side == 0)) {
      return;
    }
    int[] chunk = metadata.chunkShape();
    long[] first = new long[n];
    long[] last = new long[n];
    for (int d = 0; d < n; d++) {
      first[d] = offset[d] / chunk[d];
      last[d] = (offset[d] + size[d] - 1) / chunk[d];
    }
    long[] index = first.clone();
    do {
      new ChunkBlock(index, chunk, offset, size).copy(decoded(index), metadata, elements);
    } while (advance(index, first, last));
  }

  /**
   * Reads a block.
   *
   * @param offset its first element
   * @param size its elements along each axis
   * @return the elements in C order
   * @throws ZarrException if a chunk is damaged
   */
  public float[] readFloats(long[] offset, int[] size) {
    float[] out = new float[Arrays.stream(size).reduce(1, Math::multiplyExact)];
    read(offset, size, (position, value) -> out[position] = (float) value);
    return out;
  }

  /**
   * Writes a chunk.
   *
   * @param values the elements of the whole chunk by their positions in C order, also of those
   *     beyond the array's end
   * @param index its number along each axis
   * @throws ZarrException if the array has shards
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public void writeChunk(IntToDoubleFunction values, long... index) {
    if (metadata.sharding().isPresent()) {
      throw new ZarrException(path + " has shards, which are only read: make a new array.");
    }
    int[] chunk = metadata.chunkShape();
    int elements = Arrays.stream(chunk).reduce(1, Math::multiplyExact);
    ByteBuffer content =
        ByteBuffer.allocate(Math.multiplyExact(elements, metadata.type().bytes()))
            .order(metadata.encoding().bytes());
    int[] strides = ChunkBlock.strides(chunk, metadata.encoding().axes());
    int[] at = new int[chunk.length];
    for (int i = 0; i < elements; i++) {
      int stored = 0;
      for (int d = 0; d < chunk.length; d++) {
        stored += at[d] * strides[d];
      }
      metadata.type().put(content, stored, values.applyAsDouble(i));
      for (int d = chunk.length - 1; d >= 0 && ++at[d] == chunk[d]; d--) {
        at[d] = 0;
      }
    }
    byte[] bytes = content.array();
    try {
      for (Compression step : metadata.encoding().steps()) {
        bytes = step.encode(bytes);
      }
    } catch (IOException e) {
      throw new IllegalStateException("memory streams do not fail", e);
    }
    ChunkFiles.write(file(index), bytes);
  }

  private static boolean advance(long[] index, long[] first, long[] last) {
    for (int d = index.length - 1; d >= 0; d--) {
      if (++index[d] <= last[d]) {
        return true;
      }
      index[d] = first[d];
    }
    return false;
  }

  /** A chunk's elements as they are stored; empty where there are none. */
  private Optional<ByteBuffer> decoded(long[] index) {
    int[] chunk = metadata.chunkShape();
    int elements = Arrays.stream(chunk).reduce(1, Math::multiplyExact);
    int size = Math.multiplyExact(elements, metadata.type().bytes());
    if (metadata.sharding().isPresent()) {
      long[] shard = new long[index.length];
      for (int d = 0; d < shard.length; d++) {
        shard[d] = index[d] * chunk[d] / metadata.fileShape()[d];
      }
      return new Shard(file(shard), metadata)
          .chunk(index)
          .map(bytes -> decode(file(shard), bytes, metadata.encoding(), size));
    }
    return ChunkFiles.read(file(index))
        .map(bytes -> decode(file(index), bytes, metadata.encoding(), size));
  }

  /** Undoes the steps of an encoding. */
  static ByteBuffer decode(Path file, byte[] bytes, ArrayMetadata.Encoding encoding, int size) {
    byte[] out = bytes;
    try {
      for (int i = encoding.steps().size() - 1; i >= 0; i--) {
        // What a checksum is over may be longer than what it says.
        int most = i == 0 ? size : Math.max(size, out.length) + 4;
        out = encoding.steps().get(i).decode(out, most);
      }
    } catch (IOException | RuntimeException e) { // the decompressors throw any on broken content
      throw new ZarrException(file + " is damaged (" + e.getMessage() + "): delete it.", e);
    }
    if (out.length != size) {
      throw new ZarrException(
          "%s is damaged: %d bytes, expected %d; delete it.".formatted(file, out.length, size));
    }
    return ByteBuffer.wrap(out).order(encoding.bytes());
  }

  private Path file(long[] index) {
    StringBuilder name = new StringBuilder(metadata.prefixed() ? "c" : "");
    for (int d = 0; d < index.length; d++) {
      name.append(name.isEmpty() ? "" : metadata.separator()).append(index[d]);
    }
    if (index.length == 0 && !metadata.prefixed()) {
      name.append('0');
    }
    return path.resolve(name.toString());
  }
}

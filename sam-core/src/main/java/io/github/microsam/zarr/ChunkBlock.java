package io.github.microsam.zarr;

import java.nio.ByteBuffer;
import java.util.Optional;

/** What a chunk and a block have in common. */
final class ChunkBlock {
  private final int[] chunk;
  private final int[] size;

  /** First common element, in the chunk and in the block, and how many there are. */
  private final int[] inChunk;

  private final int[] inBlock;
  private final int[] common;

  ChunkBlock(long[] index, int[] chunk, long[] offset, int[] size) {
    int n = chunk.length;
    this.chunk = chunk;
    this.size = size;
    inChunk = new int[n];
    inBlock = new int[n];
    common = new int[n];
    for (int d = 0; d < n; d++) {
      long start = index[d] * chunk[d];
      long from = Math.max(start, offset[d]);
      long to = Math.min(start + chunk[d], offset[d] + size[d]);
      inChunk[d] = (int) (from - start);
      inBlock[d] = (int) (from - offset[d]);
      common[d] = (int) (to - from);
    }
  }

  /** How many elements lie between neighbours along each axis of a chunk. */
  static int[] strides(int[] chunk, int[] axes) {
    int[] strides = new int[chunk.length];
    int stride = 1;
    for (int i = axes.length - 1; i >= 0; i--) {
      strides[axes[i]] = stride;
      stride *= chunk[axes[i]];
    }
    return strides;
  }

  void copy(Optional<ByteBuffer> content, ArrayMetadata metadata, ZarrArray.Elements elements) {
    int[] from = strides(chunk, metadata.encoding().axes());
    int[] to = new int[size.length];
    for (int d = size.length - 1, stride = 1; d >= 0; stride *= size[d], d--) {
      to[d] = stride;
    }
    int n = size.length;
    int row = n == 0 ? 1 : common[n - 1];
    int[] at = new int[n];
    boolean more = true;
    while (more) {
      int source = 0;
      int target = 0;
      for (int d = 0; d < n; d++) {
        source += (inChunk[d] + at[d]) * from[d];
        target += (inBlock[d] + at[d]) * to[d];
      }
      int step = n == 0 ? 0 : from[n - 1];
      for (int i = 0; i < row; i++) {
        int element = source + i * step;
        elements.set(
            target + i,
            content.isPresent() ? metadata.type().get(content.get(), element) : metadata.fill());
      }
      more = false;
      for (int d = n - 2; d >= 0 && !more; d--) {
        more = ++at[d] < common[d];
        at[d] = more ? at[d] : 0;
      }
    }
  }
}

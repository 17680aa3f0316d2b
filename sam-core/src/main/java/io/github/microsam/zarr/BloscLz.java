package io.github.microsam.zarr;

import java.io.IOException;

/**
 * Blosc's own compression, of FastLZ's family: literals of up to 32 bytes, and matches of length 3
 * and more at a distance of up to 8191, or, escaped, 65535 more.
 */
final class BloscLz {
  private static final int MATCH = 32;
  private static final int LONG_MATCH = 6;
  private static final int FAR = 31 << 8;
  private static final int FAR_DISTANCE = 8191;

  private BloscLz() {}

  /** Returns how many bytes were written. */
  static int decompress(byte[] in, int from, int length, byte[] out, int start, int expected)
      throws IOException {
    int end = from + length;
    int limit = start + expected;
    int at = from;
    int to = start;
    int control = in[at++] & 31; // the first is always a literal
    while (true) {
      if (control < MATCH) {
        int count = control + 1;
        check(to + count <= limit && at + count <= end);
        System.arraycopy(in, at, out, to, count);
        at += count;
        to += count;
      } else {
        int count = (control >> 5) - 1;
        int distance = (control & 31) << 8;
        if (count == LONG_MATCH) {
          int more;
          do {
            more = in[at++] & 0xff;
            count += more;
          } while (more == 255);
        }
        count += 3;
        int low = in[at++] & 0xff;
        if (low == 255 && distance == FAR) {
          distance = FAR_DISTANCE + ((in[at] & 0xff) << 8) + (in[at + 1] & 0xff);
          at += 2;
        } else {
          distance += low;
        }
        int source = to - distance - 1;
        check(source >= start && to + count <= limit);
        for (int i = 0; i < count; i++) { // may overlap: bytes repeat
          out[to++] = out[source++];
        }
      }
      if (at >= end) {
        return to - start;
      }
      control = in[at++] & 0xff;
    }
  }

  private static void check(boolean fits) throws IOException {
    if (!fits) {
      throw new IOException("a stream of BloscLZ that is damaged");
    }
  }
}

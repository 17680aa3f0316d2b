package io.github.microsam.image;

/**
 * Plain bilinear resizing, PyTorch's {@code F.interpolate(mode="bilinear", align_corners=False)}
 * with its single precision: masks are resized with it. It does not average where it shrinks.
 */
public final class Bilinear {
  private Bilinear() {}

  /**
   * Resizes planes of floats.
   *
   * @param values shape [planes, height, width]
   * @param width width in pixels
   * @param height height in pixels
   * @param newWidth new width in pixels
   * @param newHeight new height in pixels
   * @return shape [planes, newHeight, newWidth]
   */
  public static float[] resize(float[] values, int width, int height, int newWidth, int newHeight) {
    int planes = values.length / (width * height);
    if (values.length != (long) planes * width * height) {
      throw new IllegalArgumentException(
          "%d values are no planes of %d x %d".formatted(values.length, width, height));
    }
    Axis alongX = Axis.of(width, newWidth);
    Axis alongY = Axis.of(height, newHeight);
    float[] out = new float[Math.multiplyExact(planes, Math.multiplyExact(newWidth, newHeight))];
    RowBand.forEach(
        planes,
        newHeight,
        band -> {
          RowPair rows =
              new RowPair(
                  0,
                  newWidth,
                  (y, row) ->
                      alongX.gather(
                          values, (band.channel() * height + y) * width, row, 0, newWidth));
          for (int y = band.from(); y < band.to(); y++) {
            rows.blend(alongY, y, out, (band.channel() * newHeight + y) * newWidth);
          }
        });
    return out;
  }

  /**
   * For every output pixel along an axis: the two input pixels that it is between, the same one
   * twice at the end, and the share of the second.
   */
  static final class Axis {
    private final int[] low;
    private final int[] high;
    private final float[] weight;
    private final boolean identity;

    private Axis(int in, int out) {
      identity = in == out;
      low = new int[out];
      high = new int[out];
      weight = new float[out];
    }

    /** From {@code in} pixels to {@code out}. */
    static Axis of(int in, int out) {
      float scale = (float) in / out;
      Axis axis = new Axis(in, out);
      for (int i = 0; i < out; i++) {
        float position = Math.max(0f, scale * (i + 0.5f) - 0.5f);
        int low = Math.min((int) position, in - 1);
        axis.low[i] = low;
        axis.high[i] = Math.min(low + 1, in - 1);
        axis.weight[i] = Math.min(1f, position - low);
      }
      return axis;
    }

    /** Whether every output pixel is the input pixel at its place. */
    boolean isIdentity() {
      return identity;
    }

    /** The first input pixel that an output pixel depends on. */
    int first(int i) {
      return low[i];
    }

    /** The last input pixel that an output pixel depends on. */
    int last(int i) {
      return high[i];
    }

    /** Output pixels of a row. */
    void gather(float[] values, int offset, float[] out, int from, int to) {
      for (int i = from; i < to; i++) {
        float w = weight[i];
        out[i] = (1f - w) * values[offset + low[i]] + w * values[offset + high[i]];
      }
    }
  }

  /** Makes row {@code y} of an image. */
  interface Rows {
    void make(int y, float[] row);
  }

  /** Blends neighbouring rows and keeps the last two, which the next blend mostly needs again. */
  static final class RowPair {
    private final int from;
    private final Rows source;
    private final float[][] rows;
    private final int[] held = {-1, -1};

    /** Blends the columns {@code from ≤ x < to}. */
    RowPair(int from, int to, Rows source) {
      this.from = from;
      this.source = source;
      this.rows = new float[2][to];
    }

    void blend(Axis axis, int y, float[] out, int offset) {
      float[] low = row(axis.low[y]);
      float[] high = row(axis.high[y]);
      float w = axis.weight[y];
      float v = 1f - w;
      for (int x = from; x < low.length; x++) {
        out[offset + x] = v * low[x] + w * high[x];
      }
    }

    private float[] row(int y) {
      int slot = y & 1; // neighbours never share a slot
      if (held[slot] != y) {
        source.make(y, rows[slot]);
        held[slot] = y;
      }
      return rows[slot];
    }
  }
}

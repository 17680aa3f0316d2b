package io.github.microsam.image;

/**
 * Brings the logits of a mask decoder back to the image: bilinear to the model's input, cut to the
 * part without padding, bilinear to the size of the image ({@code Sam.postprocess_masks}). Both
 * steps run row by row, and only where they are needed: memory holds four rows beside the result. A
 * pixel belongs to the mask where its logit is above 0. Stateless, may be shared by threads.
 */
public final class MaskUpscaling {
  private final CoordinateTransform transform;
  private final int lowSize;
  private final Bilinear.Axis lowToInputX;
  private final Bilinear.Axis lowToInputY;
  private final Bilinear.Axis inputToImageX;
  private final Bilinear.Axis inputToImageY;

  /**
   * For masks of one image.
   *
   * @param lowSize side of the decoder's masks in pixels, a quarter of {@code imageSize}
   * @param imageSize side of the model's input in pixels
   * @param transform of the image, from its {@link PreparedImage}
   */
  public MaskUpscaling(int lowSize, int imageSize, CoordinateTransform transform) {
    this.transform = transform;
    this.lowSize = lowSize;
    lowToInputX = Bilinear.Axis.of(lowSize, imageSize);
    lowToInputY = Bilinear.Axis.of(lowSize, imageSize);
    inputToImageX = Bilinear.Axis.of(transform.inputWidth(), transform.originalWidth());
    inputToImageY = Bilinear.Axis.of(transform.inputHeight(), transform.originalHeight());
  }

  /** Receives the rows of a mask. */
  @FunctionalInterface
  public interface RowSink {
    /**
     * Takes one row.
     *
     * @param y which row of the image
     * @param logits one a pixel; overwritten after the call
     */
    void accept(int y, float[] logits);
  }

  /**
   * Logits at the size of the image, on several threads.
   *
   * @param lowRes shape [masks, lowSize, lowSize]
   * @return shape [masks, height, width]
   * @throws IllegalArgumentException if the number of values is no multiple of one mask's
   */
  public float[] logits(float[] lowRes) {
    int width = transform.originalWidth();
    int height = transform.originalHeight();
    int masks = masks(lowRes);
    float[] out = new float[Math.multiplyExact(masks, Math.multiplyExact(width, height))];
    RowBand.forEach(
        masks,
        height,
        band -> {
          int start = band.channel() * height;
          rows(lowRes, band, (y, row) -> System.arraycopy(row, 0, out, (start + y) * width, width));
        });
    return out;
  }

  /**
   * Which pixels of the image belong to a mask, on several threads.
   *
   * @param lowRes shape [masks, lowSize, lowSize]
   * @param threshold pixels with larger logits belong to the mask, 0 normally
   * @return shape [masks, height, width]
   * @throws IllegalArgumentException if the number of values is no multiple of one mask's
   */
  public boolean[] masks(float[] lowRes, float threshold) {
    int width = transform.originalWidth();
    int height = transform.originalHeight();
    int masks = masks(lowRes);
    boolean[] out = new boolean[Math.multiplyExact(masks, Math.multiplyExact(width, height))];
    RowBand.forEach(
        masks,
        height,
        band -> {
          int start = band.channel() * height;
          rows(
              lowRes,
              band,
              (y, row) -> {
                for (int x = 0; x < width; x++) {
                  out[(start + y) * width + x] = row[x] > threshold;
                }
              });
        });
    return out;
  }

  /**
   * The rows of one mask from top to bottom, on the caller's thread.
   *
   * @param lowRes the masks
   * @param mask which of them
   * @param sink gets every row of the image
   */
  public void rows(float[] lowRes, int mask, RowSink sink) {
    rows(lowRes, new RowBand(mask, 0, transform.originalHeight()), sink);
  }

  private int masks(float[] lowRes) {
    int one = lowSize * lowSize;
    if (lowRes.length % one != 0) {
      throw new IllegalArgumentException(
          "%d logits are no masks of %d x %d".formatted(lowRes.length, lowSize, lowSize));
    }
    return lowRes.length / one;
  }

  private void rows(float[] lowRes, RowBand band, RowSink sink) {
    Tiling.Region region =
        new Tiling.Region(0, band.from(), transform.originalWidth(), band.to() - band.from());
    rows(lowRes, band.channel(), region, sink);
  }

  /**
   * A part of one mask, row by row, on the caller's thread. Only that part is computed.
   *
   * @param lowRes the masks
   * @param mask which of them
   * @param region the part, in coordinates of the image; may be empty
   * @param sink gets rows as long as the image is wide, of which only the region's columns are set
   */
  public void rows(float[] lowRes, int mask, Tiling.Region region, RowSink sink) {
    if (region.width() < 1 || region.height() < 1) {
      return;
    }
    int left = region.x();
    int right = left + region.width();
    int inputLeft = inputToImageX.first(left);
    int inputRight = inputToImageX.last(right - 1) + 1;
    int offset = mask * lowSize * lowSize;
    Bilinear.RowPair low =
        new Bilinear.RowPair(
            inputLeft,
            inputRight,
            (y, row) ->
                lowToInputX.gather(lowRes, offset + y * lowSize, row, inputLeft, inputRight));
    Bilinear.Rows rows = (y, row) -> low.blend(lowToInputY, y, row, 0);
    if (!inputToImageX.isIdentity() || !inputToImageY.isIdentity()) {
      rows = toImage(rows, left, right, inputRight);
    }
    float[] row = new float[transform.originalWidth()];
    for (int y = region.y(); y < region.y() + region.height(); y++) {
      rows.make(y, row);
      sink.accept(y, row);
    }
  }

  /** Rows of the image from rows of the model's input. */
  private Bilinear.Rows toImage(Bilinear.Rows inputRows, int left, int right, int inputRight) {
    float[] input = new float[inputRight];
    Bilinear.RowPair image =
        new Bilinear.RowPair(
            left,
            right,
            (y, row) -> {
              inputRows.make(y, input);
              inputToImageX.gather(input, 0, row, left, right);
            });
    return (y, row) -> image.blend(inputToImageY, y, row, 0);
  }

  /**
   * A part of the image outside of which a mask has no logit above a value: found from the few
   * logits of low resolution, so that the others need not be computed.
   *
   * @param lowRes the masks
   * @param mask which of them
   * @param value a logit
   * @return in coordinates of the image; of width and height 0 where no logit is above
   */
  public Tiling.Region support(float[] lowRes, int mask, float value) {
    // Blends of equal numbers may round up.
    float above = value - 1e-5f * Math.max(1, Math.abs(value));
    int left = lowSize;
    int right = -1;
    int top = lowSize;
    int bottom = -1;
    for (int y = 0; y < lowSize; y++) {
      int row = (mask * lowSize + y) * lowSize;
      for (int x = 0; x < lowSize; x++) {
        if (lowRes[row + x] > above) {
          left = Math.min(left, x);
          right = Math.max(right, x);
          top = Math.min(top, y);
          bottom = y;
        }
      }
    }
    int[] x = reached(lowToInputX, inputToImageX, transform.originalWidth(), left, right);
    int[] y = reached(lowToInputY, inputToImageY, transform.originalHeight(), top, bottom);
    return x[1] == 0 || y[1] == 0
        ? new Tiling.Region(0, 0, 0, 0)
        : new Tiling.Region(x[0], y[0], x[1], y[1]);
  }

  /** First pixel along an axis of the image that depends on any of a range, and their number. */
  private static int[] reached(
      Bilinear.Axis lowToInput, Bilinear.Axis inputToImage, int size, int from, int to) {
    int first = 0;
    while (first < size && lowToInput.last(inputToImage.last(first)) < from) {
      first++;
    }
    int last = size - 1;
    while (last >= first && lowToInput.first(inputToImage.first(last)) > to) {
      last--;
    }
    return new int[] {first, last - first + 1};
  }
}

package io.github.microsam.train.evaluate;

import io.github.microsam.image.EightBitImage;
import io.github.microsam.image.ImageSource;
import io.github.microsam.label.ConnectedComponents;
import io.github.microsam.label.Connectivity;
import io.github.microsam.label.DistanceTransform;
import io.github.microsam.label.FloodOrder;
import io.github.microsam.label.GaussianFilter;
import io.github.microsam.label.SeededWatershed;
import io.github.microsam.label.SequentialLabels;
import net.imglib2.Cursor;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;

/**
 * The baseline: Otsu's threshold of the whole image (1979), objects that touch are cut by a
 * watershed of the distance to the background. Objects are the class with fewer pixels, so that
 * they may be bright or dark. Immutable.
 *
 * @param smoothing standard deviation of Gaussian smoothing before the threshold, in pixels
 * @param distanceSmoothing the same for the distances, so that a rough outline makes no seeds
 * @param minSize objects of fewer pixels are left out
 */
public record OtsuWatershed(double smoothing, double distanceSmoothing, int minSize) {
  private static final int BINS = 256;

  /**
   * Smoothing by 1 and 3 pixels, objects of 25 pixels or more.
   *
   * @return the defaults
   */
  public static OtsuWatershed defaults() {
    return new OtsuWatershed(1, 3, 25);
  }

  /**
   * Segments an image.
   *
   * @param image of any type; the mean of its channels is used
   * @return label image (x, y)
   */
  public RandomAccessibleInterval<UnsignedIntType> segment(ImageSource image) {
    int width = image.width();
    int height = image.height();
    float[] grey = smoothed(grey(EightBitImage.minMax(image)), width, height, smoothing);
    double threshold = threshold(grey);
    int bright = 0;
    for (float v : grey) {
      bright += v > threshold ? 1 : 0;
    }
    boolean dark = 2 * bright > grey.length;
    boolean[] background = new boolean[grey.length];
    boolean[] objects = new boolean[grey.length];
    for (int i = 0; i < grey.length; i++) {
      objects[i] = grey[i] > threshold != dark;
      background[i] = !objects[i];
    }
    float[] distance =
        values(DistanceTransform.toNearest(ArrayImgs.booleans(background, width, height)));
    for (int i = 0; i < distance.length; i++) {
      distance[i] = Math.min(distance[i], width + height); // infinite if there is no background
    }
    float[] relief = smoothed(distance, width, height, distanceSmoothing);
    boolean[] peaks = peaks(relief, objects, width, height);
    for (int i = 0; i < relief.length; i++) {
      relief[i] = -relief[i];
    }
    return SequentialLabels.removeSmall(
        SeededWatershed.flood(
            ArrayImgs.floats(relief, width, height),
            ConnectedComponents.of(ArrayImgs.booleans(peaks, width, height), Connectivity.FULL),
            ArrayImgs.booleans(objects, width, height),
            FloodOrder.BUCKETS),
        minSize);
  }

  private static float[] grey(EightBitImage image) {
    int pixels = image.width() * image.height();
    float[] grey = new float[pixels];
    for (int c = 0; c < image.channels(); c++) {
      for (int i = 0; i < pixels; i++) {
        grey[i] += (image.pixels()[c * pixels + i] & 0xff) / (float) image.channels();
      }
    }
    return grey;
  }

  private static float[] smoothed(float[] values, int width, int height, double sigma) {
    return values(GaussianFilter.smooth(ArrayImgs.floats(values, width, height), sigma));
  }

  private static float[] values(RandomAccessibleInterval<FloatType> image) {
    float[] out = new float[Math.toIntExact(image.size())];
    Cursor<FloatType> cursor = Views.flatIterable(image).cursor();
    for (int i = 0; i < out.length; i++) {
      out[i] = cursor.next().get();
    }
    return out;
  }

  /** The grey level that separates the histogram's two classes best. */
  static double threshold(float[] grey) {
    long[] histogram = new long[BINS];
    double sum = 0;
    for (float v : grey) {
      int bin = Math.min(BINS - 1, Math.max(0, (int) v));
      histogram[bin]++;
      sum += bin;
    }
    long below = 0;
    double sumBelow = 0;
    double best = -1;
    int threshold = 0;
    for (int b = 0; b < BINS - 1; b++) {
      below += histogram[b];
      sumBelow += (double) b * histogram[b];
      long above = grey.length - below;
      if (below == 0 || above == 0) {
        continue;
      }
      double difference = sumBelow / below - (sum - sumBelow) / above;
      double between = (double) below * above * difference * difference;
      if (between > best) {
        best = between;
        threshold = b;
      }
    }
    return threshold + 1;
  }

  /** Pixels of objects that no neighbour is higher than. */
  private static boolean[] peaks(float[] relief, boolean[] objects, int width, int height) {
    boolean[] peaks = new boolean[relief.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int i = y * width + x;
        peaks[i] = objects[i] && isPeak(relief, x, y, width, height);
      }
    }
    return peaks;
  }

  private static boolean isPeak(float[] relief, int x, int y, int width, int height) {
    for (int v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
      for (int u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
        if (relief[v * width + u] > relief[y * width + x]) {
          return false;
        }
      }
    }
    return true;
  }
}

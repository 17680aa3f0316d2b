package io.github.microsam.io;

import io.github.microsam.image.ImageSource;
import io.github.microsam.label.LabelRegion;
import io.github.microsam.label.LabelRegions;
import io.github.microsam.label.ObjectOutline;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import net.imglib2.RandomAccess;
import net.imglib2.type.numeric.IntegerType;

/**
 * What is measured of an object, in pixels.
 *
 * @param region label, size, box and centroid
 * @param outline its outline; null in stacks
 * @param channels mean, smallest and largest value in each channel of the image
 * @param iouPrediction the model's own estimate
 */
record ObjectMeasurements(
    LabelRegion region,
    ObjectOutline outline,
    List<Intensity> channels,
    OptionalDouble iouPrediction) {

  /** Values of one channel. */
  record Intensity(double mean, float min, float max) {}

  /** The objects of an image or a stack, by label. */
  static List<ObjectMeasurements> of(LabelledImage image) {
    List<LabelRegion> regions = LabelRegions.of(image.labels());
    List<ObjectOutline> outlines =
        image.isStack() ? List.of() : ObjectOutline.of(image.labels(), regions);
    List<List<Intensity>> intensities = intensities(image, regions);
    List<ObjectMeasurements> out = new ArrayList<>();
    for (int i = 0; i < regions.size(); i++) {
      out.add(
          new ObjectMeasurements(
              regions.get(i),
              outlines.isEmpty() ? null : outlines.get(i),
              intensities.get(i),
              image.iouPrediction(regions.get(i).id())));
    }
    return out;
  }

  private static List<List<Intensity>> intensities(LabelledImage image, List<LabelRegion> regions) {
    Map<Long, Integer> index = new HashMap<>();
    List<List<Intensity>> out = new ArrayList<>();
    for (LabelRegion region : regions) {
      index.put(region.id(), out.size());
      out.add(new ArrayList<>());
    }
    int channels = image.planes().isEmpty() ? 0 : image.planes().get(0).channels();
    for (int c = 0; c < channels; c++) {
      Sums sums = new Sums(index);
      for (int z = 0; z < image.slices(); z++) {
        sums.add(image, c, z);
      }
      for (int i = 0; i < out.size(); i++) {
        out.get(i)
            .add(new Intensity(sums.sum[i] / regions.get(i).size(), sums.min[i], sums.max[i]));
      }
    }
    return out;
  }

  /** Values of one channel, summed for each object. */
  private static final class Sums {
    private final Map<Long, Integer> index;
    private final double[] sum;
    private final float[] min;
    private final float[] max;

    Sums(Map<Long, Integer> index) {
      this.index = index;
      sum = new double[index.size()];
      min = new float[index.size()];
      max = new float[index.size()];
      Arrays.fill(min, Float.POSITIVE_INFINITY);
      Arrays.fill(max, Float.NEGATIVE_INFINITY);
    }

    void add(LabelledImage image, int channel, int z) {
      ImageSource plane = image.planes().get(z);
      RandomAccess<? extends IntegerType<?>> labels = image.slice(z).randomAccess();
      float[] row = new float[plane.width()];
      for (int y = 0; y < plane.height(); y++) {
        plane.readRow(channel, y, row);
        labels.setPosition(y, 1);
        long last = 0;
        int object = -1;
        for (int x = 0; x < row.length; x++) {
          labels.setPosition(x, 0);
          long label = labels.get().getIntegerLong();
          if (label == 0) {
            continue;
          }
          if (label != last) {
            object = index.get(label);
            last = label;
          }
          sum[object] += row[x];
          min[object] = Math.min(min[object], row[x]);
          max[object] = Math.max(max[object], row[x]);
        }
      }
    }
  }
}

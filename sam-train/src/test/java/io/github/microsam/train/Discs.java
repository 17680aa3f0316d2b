package io.github.microsam.train;

import io.github.microsam.train.data.BatchSource;
import io.github.microsam.train.data.DistanceTargets;
import io.github.microsam.train.data.Sample;
import io.github.microsam.train.data.StableRandom;
import java.util.ArrayList;
import java.util.List;

/** Bright discs on a dark ground, with their labels and targets. */
record Discs(int side, int batchSize, int batches, long seed, boolean classes)
    implements BatchSource {

  static Discs of(int batches) {
    return new Discs(64, 2, batches, 5, false);
  }

  @Override
  public List<Sample> batch(int epoch, int index) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < batchSize; i++) {
      samples.add(sample(StableRandom.of(seed, epoch, index, i)));
    }
    return samples;
  }

  private Sample sample(StableRandom random) {
    int[] labels = new int[side * side];
    float[] image = new float[3 * side * side];
    for (int k = 1; k <= 4; k++) {
      double r = side * (0.08 + 0.06 * random.nextDouble());
      double cx = side * (0.15 + 0.7 * random.nextDouble());
      double cy = side * (0.15 + 0.7 * random.nextDouble());
      for (int i = 0; i < labels.length; i++) {
        int y = i / side;
        double dx = i % side - cx;
        double dy = y - cy;
        if (dx * dx + dy * dy < r * r) {
          labels[i] = classes ? 1 : k;
        }
      }
    }
    for (int i = 0; i < image.length; i++) {
      image[i] = (labels[i % labels.length] > 0 ? 180 : 40) + 20 * random.nextFloat();
    }
    return new DistanceTargets(5).addTo(new Sample(side, side, image, labels, new float[0]));
  }
}

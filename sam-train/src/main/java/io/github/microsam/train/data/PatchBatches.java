package io.github.microsam.train.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Batches of patches that are drawn, cut and varied at random: for training. Planes are drawn by
 * their weights. Immutable, may be shared by threads.
 */
public final class PatchBatches implements BatchSource {
  /** Planes that are tried before the data are blamed. */
  private static final int MOST_PLANES = 1000;

  private final PlaneSet planes;
  private final double[] cumulative;
  private final PatchCutter cutter;
  private final TrainingTargets targets;
  private final Sampling sampling;

  /**
   * How many patches are drawn.
   *
   * @param batchSize patches in a batch
   * @param batches batches in an epoch
   * @param seed another number gives other patches
   */
  public record Sampling(int batchSize, int batches, long seed) {
    /**
     * Checks the numbers.
     *
     * @param batchSize at least 1
     * @param batches at least 1
     * @param seed any number
     * @throws IllegalArgumentException if a number is below 1
     */
    public Sampling {
      if (batchSize < 1 || batches < 1) {
        throw new IllegalArgumentException(
            "%d batches of %d patches; expected 1 or more".formatted(batches, batchSize));
      }
    }
  }

  /**
   * Batches of a set.
   *
   * @param planes what patches are cut out of
   * @param patches their size and content
   * @param augmentation how they are varied
   * @param targets what is computed from their labels
   * @param sampling how many are drawn
   */
  public PatchBatches(
      PlaneSet planes,
      PatchOptions patches,
      Augmentation augmentation,
      TrainingTargets targets,
      Sampling sampling) {
    this.planes = planes;
    this.cutter = new PatchCutter(patches, augmentation);
    this.targets = targets;
    this.sampling = sampling;
    cumulative = new double[planes.size()];
    double sum = 0;
    for (int i = 0; i < cumulative.length; i++) {
      sum += planes.weight(i);
      cumulative[i] = sum;
    }
  }

  @Override
  public int batches() {
    return sampling.batches();
  }

  @Override
  public Map<String, String> settings() {
    return Map.of(
        "images", planes.description(),
        "patches", cutter.options().toString(),
        "augmentation", cutter.augmentation().toString(),
        "targets", targets.description(),
        "sampling", sampling.toString());
  }

  @Override
  public List<Sample> batch(int epoch, int index) {
    List<Sample> batch = new ArrayList<>();
    for (int i = 0; i < sampling.batchSize(); i++) {
      long number = (long) index * sampling.batchSize() + i;
      batch.add(sample(StableRandom.of(sampling.seed(), epoch, number)));
    }
    return batch;
  }

  private Sample sample(StableRandom random) {
    for (int i = 0; i < MOST_PLANES; i++) {
      Optional<Sample> patch = cutter.cut(planes.plane(draw(random), random), random);
      if (patch.isPresent()) {
        return targets.addTo(patch.get());
      }
    }
    throw new DatasetException(
        "Images for training",
        List.of(
            "no object of the smallest size was found in %d patches; make the smallest size smaller or the patches larger"
                .formatted(MOST_PLANES)));
  }

  private int draw(StableRandom random) {
    double at = random.nextDouble() * cumulative[cumulative.length - 1];
    int low = 0;
    int high = cumulative.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (cumulative[middle] > at) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}

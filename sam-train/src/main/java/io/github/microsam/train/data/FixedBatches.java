package io.github.microsam.train.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One patch of each plane, not varied, the same in every epoch: for validation. The last batch may
 * be smaller. Immutable, may be shared by threads.
 */
public final class FixedBatches implements BatchSource {
  private final PlaneSet planes;
  private final int[] chosen;
  private final PatchCutter cutter;
  private final TrainingTargets targets;
  private final int batchSize;

  /**
   * Batches of a set.
   *
   * @param planes what patches are cut out of; each must have an object that fits the options
   * @param patches their size and content
   * @param targets what is computed from their labels
   * @param batchSize patches in a batch, at least 1
   * @param most how many planes are used at most, evenly spread over the set, at least 1
   * @throws IllegalArgumentException if a number is below 1
   */
  public FixedBatches(
      PlaneSet planes, PatchOptions patches, TrainingTargets targets, int batchSize, int most) {
    if (batchSize < 1 || most < 1) {
      throw new IllegalArgumentException(
          "batches of %d patches, %d in all; expected 1 or more".formatted(batchSize, most));
    }
    this.planes = planes;
    this.cutter = new PatchCutter(patches, Augmentation.none());
    this.targets = targets;
    this.batchSize = batchSize;
    chosen = new int[Math.min(most, planes.size())];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = (int) ((long) i * planes.size() / chosen.length);
    }
  }

  @Override
  public int batches() {
    return (chosen.length + batchSize - 1) / batchSize;
  }

  @Override
  public Map<String, String> settings() {
    return Map.of(
        "images", planes.description(),
        "patches", cutter.options().toString(),
        "targets", targets.description(),
        "batches", "%d patches in batches of %d".formatted(chosen.length, batchSize));
  }

  @Override
  public List<Sample> batch(int epoch, int index) {
    List<Sample> batch = new ArrayList<>();
    int end = Math.min(chosen.length, (index + 1) * batchSize);
    for (int i = index * batchSize; i < end; i++) {
      int plane = chosen[i];
      StableRandom random = StableRandom.of(plane);
      Optional<Sample> patch = cutter.cut(planes.plane(plane, random), random);
      batch.add(
          targets.addTo(
              patch.orElseThrow(
                  () ->
                      new IllegalStateException(
                          "image %d of the validation has no object of the smallest size"
                              .formatted(plane)))));
    }
    return batch;
  }
}

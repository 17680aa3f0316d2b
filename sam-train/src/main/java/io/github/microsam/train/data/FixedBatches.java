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
   * Batches of a set. All are cut once, so that planes without objects are found before a training
   * starts.
   *
   * @param planes what patches are cut out of; each must have an object that fits the options
   * @param patches their size and content
   * @param targets what is computed from their labels
   * @param batchSize patches in a batch, at least 1
   * @param most how many planes are used at most, evenly spread over the set, at least 1
   * @throws IllegalArgumentException if a number is below 1
   * @throws DatasetException that lists the planes of which no patch with an object was found
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
    check();
  }

  private void check() {
    List<String> problems = new ArrayList<>();
    for (int plane : chosen) {
      if (cut(plane).isEmpty()) {
        PatchOptions patches = cutter.options();
        problems.add(
            "%s: no patch of %d x %d pixels with an object of %d pixels or more%s was found; make the smallest size smaller or the patches larger, or leave the image out."
                .formatted(
                    planes.name(plane),
                    patches.width(),
                    patches.height(),
                    patches.minSize(),
                    patches.separate() ? " in one piece" : ""));
      }
    }
    if (!problems.isEmpty()) {
      throw new DatasetException("Images for validation", problems);
    }
  }

  private Optional<Sample> cut(int plane) {
    StableRandom random = StableRandom.of(plane);
    return cutter.cut(planes.plane(plane, random), random);
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
      batch.add(targets.addTo(cut(chosen[i]).orElseThrow())); // there is one: it was checked
    }
    return batch;
  }
}

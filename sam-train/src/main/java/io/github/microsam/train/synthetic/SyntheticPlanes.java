package io.github.microsam.train.synthetic;

import io.github.microsam.image.EightBitImage;
import io.github.microsam.train.data.LabelledPlane;
import io.github.microsam.train.data.PlaneSet;
import io.github.microsam.train.data.StableRandom;
import java.util.List;

/**
 * Synthetic images as a set for training: each time that a plane is drawn it is made anew, with
 * {@linkplain SyntheticOptions#varied varied} options. Intensities are stretched as inference does.
 * Immutable, may be shared by threads.
 */
public final class SyntheticPlanes implements PlaneSet {
  private final List<SyntheticOptions> options;
  private final int count;

  /**
   * A set.
   *
   * @param options what the planes show, each in its turn; at least one
   * @param count how many planes the set says it has, at least 1
   * @throws IllegalArgumentException if there are no options, or no planes
   */
  public SyntheticPlanes(List<SyntheticOptions> options, int count) {
    if (options.isEmpty() || count < 1) {
      throw new IllegalArgumentException(
          "%d synthetic planes of %d kinds; expected 1 or more".formatted(count, options.size()));
    }
    this.options = List.copyOf(options);
    this.count = count;
  }

  @Override
  public int size() {
    return count;
  }

  @Override
  public String description() {
    return count + " made up from " + options;
  }

  @Override
  public LabelledPlane plane(int index, StableRandom random) {
    SyntheticOptions varied = options.get(index % options.size()).varied(random);
    LabelledPlane plane = SyntheticCells.generate(varied, random.nextLong());
    return new LabelledPlane(EightBitImage.minMax(plane.image()), plane.labels());
  }
}

package io.github.microsam.train.data;

import java.util.List;

/**
 * Several sets as one, each with its share of what is drawn, however many planes it has. Threads
 * may share it.
 */
public final class MixedPlanes implements PlaneSet {
  private final List<Part> parts;
  private final int[] first;
  private final double[] scale;

  /**
   * A set and its share.
   *
   * @param planes the set
   * @param share of the samples, relative to the other parts
   */
  public record Part(PlaneSet planes, double share) {
    /**
     * Checks the share.
     *
     * @param planes the set
     * @param share above 0
     * @throws IllegalArgumentException if it is not above 0
     */
    public Part {
      if (!(share > 0) || Double.isInfinite(share)) {
        throw new IllegalArgumentException("share " + share + " of a data set; expected above 0");
      }
    }
  }

  /**
   * A mixture.
   *
   * @param parts at least one
   * @throws IllegalArgumentException if there is none
   */
  public MixedPlanes(List<Part> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("a mixture of no data sets; give at least one");
    }
    this.parts = List.copyOf(parts);
    first = new int[parts.size() + 1];
    scale = new double[parts.size()];
    for (int p = 0; p < parts.size(); p++) {
      PlaneSet set = parts.get(p).planes();
      first[p + 1] = Math.addExact(first[p], set.size());
      double sum = 0;
      for (int i = 0; i < set.size(); i++) {
        sum += set.weight(i);
      }
      scale[p] = parts.get(p).share() / sum;
    }
  }

  @Override
  public int size() {
    return first[parts.size()];
  }

  @Override
  public double weight(int index) {
    int part = part(index);
    return scale[part] * parts.get(part).planes().weight(index - first[part]);
  }

  @Override
  public LabelledPlane plane(int index, StableRandom random) {
    int part = part(index);
    return parts.get(part).planes().plane(index - first[part], random);
  }

  @Override
  public String name(int index) {
    int part = part(index);
    return parts.get(part).planes().name(index - first[part]);
  }

  @Override
  public String description() {
    return parts.size() == 1
        ? parts.get(0).planes().description()
        : String.join(
            "; ", parts.stream().map(p -> p.share() + " of " + p.planes().description()).toList());
  }

  private int part(int index) {
    int part = 0;
    while (index >= first[part + 1]) {
      part++;
    }
    return part;
  }
}

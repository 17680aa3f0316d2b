package io.github.microsam.train.data;

/**
 * Labelled planes by number, from which patches are taken: files, generated images, or several sets
 * together. Threads may share a set.
 */
public interface PlaneSet {

  /**
   * How many planes there are.
   *
   * @return at least 1
   */
  int size();

  /**
   * How often a plane is drawn, relative to the others of this set.
   *
   * @param index which plane, from 0
   * @return above 0
   */
  default double weight(int index) {
    return 1;
  }

  /**
   * A plane.
   *
   * @param index which plane, from 0 to {@link #size()} - 1
   * @param random where a set that makes its planes draws from; files take no notice of it
   * @return the plane
   */
  LabelledPlane plane(int index, StableRandom random);
}

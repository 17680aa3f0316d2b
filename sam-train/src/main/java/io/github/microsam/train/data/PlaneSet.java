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
   * What a plane is called in reports.
   *
   * @param index which plane, from 0
   * @return a name, such as that of its file
   */
  default String name(int index) {
    return "image " + index;
  }

  /**
   * Which planes these are, by which a resumed training knows that they are the same.
   *
   * @return for people to read
   */
  default String description() {
    return size() + " planes";
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

package io.github.microsam.label;

import java.util.function.Consumer;

/**
 * What {@link PerObjectDistances} computes.
 *
 * @param instances whether the relabelled objects are a channel
 * @param foreground whether there is a channel that is 1 in objects and 0 elsewhere
 * @param centerDistances whether the distance to the object's centre is a channel
 * @param directedDistances whether the components x, y(, z) of the vector to the centre are
 *     channels
 * @param boundaryDistances whether the inverted distance to the object's boundary is a channel
 * @param separate whether an object in several pieces (8 or 26 neighbours) becomes several objects
 * @param minSize objects of fewer pixels become background
 * @param fill value of the distance channels outside objects
 */
public record PerObjectDistanceOptions(
    boolean instances,
    boolean foreground,
    boolean centerDistances,
    boolean directedDistances,
    boolean boundaryDistances,
    boolean separate,
    long minSize,
    float fill) {

  /**
   * The targets that the published decoders were trained on: instances, foreground, centre and
   * boundary distances of separated objects of 25 pixels or more, distance 1 outside.
   *
   * @return the defaults
   */
  public static PerObjectDistanceOptions defaults() {
    return new PerObjectDistanceOptions(true, true, true, false, true, true, 25, 1f);
  }

  /**
   * The same with or without a channel of instances.
   *
   * @param instances whether the relabelled objects are a channel
   * @return new options
   */
  public PerObjectDistanceOptions withInstances(boolean instances) {
    return changed(c -> c.instances = instances);
  }

  /**
   * The same with or without a channel of foreground.
   *
   * @param foreground whether there is a channel that is 1 in objects and 0 elsewhere
   * @return new options
   */
  public PerObjectDistanceOptions withForeground(boolean foreground) {
    return changed(c -> c.foreground = foreground);
  }

  /**
   * The same with other channels of distances.
   *
   * @param center whether the distance to the object's centre is a channel
   * @param directed whether the components of the vector to the centre are channels
   * @param boundary whether the inverted distance to the object's boundary is a channel
   * @return new options
   */
  public PerObjectDistanceOptions withDistances(
      boolean center, boolean directed, boolean boundary) {
    return changed(
        c -> {
          c.centerDistances = center;
          c.directedDistances = directed;
          c.boundaryDistances = boundary;
        });
  }

  /**
   * The same with or without separation of pieces.
   *
   * @param separate whether an object in several pieces becomes several objects
   * @return new options
   */
  public PerObjectDistanceOptions withSeparate(boolean separate) {
    return changed(c -> c.separate = separate);
  }

  /**
   * The same with another smallest size.
   *
   * @param minSize objects of fewer pixels become background
   * @return new options
   */
  public PerObjectDistanceOptions withMinSize(long minSize) {
    return changed(c -> c.minSize = minSize);
  }

  /** Number of channels for an image of some axes. */
  int channels(int axes) {
    return (instances ? 1 : 0)
        + (foreground ? 1 : 0)
        + (centerDistances ? 1 : 0)
        + (directedDistances ? axes : 0)
        + (boundaryDistances ? 1 : 0);
  }

  private PerObjectDistanceOptions changed(Consumer<Change> change) {
    Change c = new Change();
    change.accept(c);
    return new PerObjectDistanceOptions(
        c.instances,
        c.foreground,
        c.centerDistances,
        c.directedDistances,
        c.boundaryDistances,
        c.separate,
        c.minSize,
        c.fill);
  }

  /** The components while some of them are changed. */
  private final class Change {
    boolean instances = instances();
    boolean foreground = foreground();
    boolean centerDistances = centerDistances();
    boolean directedDistances = directedDistances();
    boolean boundaryDistances = boundaryDistances();
    boolean separate = separate();
    long minSize = minSize();
    float fill = fill();
  }
}

package io.github.microsam.train.config;

import io.github.microsam.train.data.AffinityTargets;
import io.github.microsam.train.data.BoundaryTargets;
import io.github.microsam.train.data.DistanceTargets;
import io.github.microsam.train.data.TrainingTargets;
import io.github.microsam.train.loss.DiceLoss;
import io.github.microsam.train.loss.DistanceLoss;
import io.github.microsam.train.loss.MapLoss;
import io.github.microsam.train.loss.MaskedLoss;

/**
 * What a decoder for automatic segmentation learns: micro-sam's maps, or those it was compared
 * with.
 */
public enum MapTargets {
  /** Foreground, distance to the centre, distance to the boundary: what AIS and APG need. */
  DISTANCES(3),
  /** Foreground and boundaries. */
  BOUNDARIES(2),
  /** Foreground and affinities of 8 offsets; the loss leaves out what lies outside the image. */
  AFFINITIES(9);

  private final int maps;

  MapTargets(int maps) {
    this.maps = maps;
  }

  /**
   * How many maps the decoder makes.
   *
   * @return its output channels
   */
  public int maps() {
    return maps;
  }

  /**
   * The loss of a training that names none.
   *
   * @return Dice, for distances in the foreground, for affinities under their mask
   */
  public MapLoss loss() {
    return switch (this) {
      case DISTANCES -> DistanceLoss.defaults();
      case BOUNDARIES -> new DiceLoss();
      case AFFINITIES -> MaskedLoss.defaults();
    };
  }

  /**
   * How they are computed.
   *
   * @param minSize objects of fewer pixels become background in the distances
   * @return the targets
   */
  public TrainingTargets of(int minSize) {
    return switch (this) {
      case DISTANCES -> new DistanceTargets(minSize);
      case BOUNDARIES -> new BoundaryTargets();
      case AFFINITIES -> AffinityTargets.defaults();
    };
  }
}

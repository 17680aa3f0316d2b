package io.github.microsam.label;

/** How well a predicted object covers a true one, 0 to 1. */
public enum MatchCriterion {
  /** Intersection over union. */
  IOU,
  /** Intersection over the size of the predicted object. */
  IOP,
  /** Intersection over the size of the true object. */
  IOT
}

package io.github.microsam.segment;

/** Checks of numbers that options hold. */
final class Checks {
  private Checks() {}

  static void number(String what, double value) {
    if (!Double.isFinite(value)) {
      throw new SegmentationException("The " + what + " is " + value + ", expected a number.");
    }
  }

  static void notNegative(String what, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new SegmentationException("The " + what + " is " + value + ", expected 0 or more.");
    }
  }

  static void atLeast(String what, long value, long least) {
    if (value < least) {
      throw new SegmentationException(
          "The " + what + " is " + value + ", expected " + least + " or more.");
    }
  }
}

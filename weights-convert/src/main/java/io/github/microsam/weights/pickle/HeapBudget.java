package io.github.microsam.weights.pickle;

/**
 * The heap that opening one file may take. Whatever is built from a file's content is charged here
 * first, so a file that declares or references more than it should ends in an exception instead of
 * an exhausted heap; since nothing is given back, it bounds the work too. Not thread-safe.
 */
public final class HeapBudget {
  private static final long LARGEST = 1L << 30;

  private final long total;
  private long left;

  /**
   * A budget.
   *
   * @param bytes how much may be charged
   */
  public HeapBudget(long bytes) {
    total = bytes;
    left = bytes;
  }

  /**
   * Half of the heap that this virtual machine may use, at most 1 GiB.
   *
   * @return a new budget
   */
  public static HeapBudget ofThisMachine() {
    return new HeapBudget(Math.min(Runtime.getRuntime().maxMemory() / 2, LARGEST));
  }

  /**
   * Takes from the budget.
   *
   * @param bytes how much, never negative
   * @throws PickleException if less is left
   */
  public void charge(long bytes) {
    if (bytes > left) {
      throw new PickleException(
          String.format(
              "its directory and objects need more than the %d MB that may be spent on them; it is "
                  + "not a sane checkpoint, or Java needs a larger heap (-Xmx)",
              total >> 20));
    }
    left -= bytes;
  }
}

package io.github.microsam.engine;

import java.lang.management.ManagementFactory;
import java.util.Locale;
import org.bytedeco.javacpp.Pointer;

/**
 * How much more memory this process may take.
 *
 * @param machine bytes that the machine, or the container, has free
 * @param limit bytes until the bound that JavaCPP sets to the process
 */
record FreeMemory(long machine, long limit) {
  /** Time for what the garbage collector found to be freed. */
  private static final long COLLECTION_MILLISECONDS = 200;

  private static final double GIGABYTE = 1e9;

  static FreeMemory now() {
    long resident = Pointer.physicalBytes();
    long machine = Math.min(Pointer.availablePhysicalBytes(), containerBytes() - resident);
    long bound = Pointer.maxPhysicalBytes();
    return new FreeMemory(machine, bound > 0 ? bound - resident : Long.MAX_VALUE);
  }

  /** The whole memory of the machine, or what a container may use of it. */
  private static long containerBytes() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Long.MAX_VALUE;
  }

  /**
   * Checks that a plan fits.
   *
   * @param arenaBytes what it takes
   * @param weightBytes what its weights have taken already
   * @throws PlanTooLargeException if it does not
   */
  static void require(long arenaBytes, long weightBytes) {
    if (!now().has(arenaBytes)) {
      // ND4J frees the memory of arrays that a caller did not close when they are collected, and no
      // collection comes of itself, since the heap does not fill up. JavaCPP does the same before
      // it
      // refuses an allocation.
      System.gc();
      sleep();
      now().check(arenaBytes, weightBytes);
    }
  }

  private static void sleep() {
    try {
      Thread.sleep(COLLECTION_MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  boolean has(long bytes) {
    return bytes <= Math.min(machine, limit);
  }

  void check(long arenaBytes, long weightBytes) {
    if (has(arenaBytes)) {
      return;
    }
    boolean bound = limit < machine;
    throw new PlanTooLargeException(
        String.format(
            Locale.ROOT,
            "This needs %.1f GB for intermediate results, beside %.1f GB of weights; %s. Use a"
                + " smaller image, or fewer images or prompts at once%s.",
            arenaBytes / GIGABYTE,
            weightBytes / GIGABYTE,
            bound
                ? String.format(
                    Locale.ROOT,
                    "the process may take %.1f GB more, and the machine has %.1f GB free",
                    Math.max(0, limit) / GIGABYTE,
                    machine / GIGABYTE)
                : String.format(
                    Locale.ROOT, "the machine has %.1f GB free", Math.max(0, machine) / GIGABYTE),
            bound
                ? ", or raise the limit with -Dorg.bytedeco.javacpp.maxphysicalbytes=… or -Xmx"
                : ", or another machine"));
  }
}

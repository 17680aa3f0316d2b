package io.github.microsam.engine;

import java.util.Locale;

/**
 * How an {@link Engine} runs its plans.
 *
 * @param threads how many threads compute, from 1
 * @param profile whether each step is timed; {@link Plan#describe} then tells how long it took
 * @param recompute whether a backward pass computes again what it reads of the forward pass, which
 *     takes about as long as a forward pass and spares most of a {@link GradientPlan}'s memory
 */
public record EngineOptions(int threads, boolean profile, boolean recompute) {
  private static final String THREADS = "microsam.threads";
  private static final String PROFILE = "microsam.profile";

  /**
   * Checks the number of threads.
   *
   * @param threads how many threads compute
   * @param profile whether each step is timed
   * @param recompute whether a backward pass computes again what it reads of the forward pass
   * @throws IllegalArgumentException if there are no threads
   */
  public EngineOptions {
    if (threads < 1) {
      throw new IllegalArgumentException(threads + " threads; expected 1 or more");
    }
  }

  /**
   * What the system properties {@code microsam.threads} and {@code microsam.profile} say, or else
   * the environment variables {@code MICROSAM_THREADS} and {@code MICROSAM_PROFILE}; without them,
   * all cores that the JVM may use, no profile, and no recomputation.
   *
   * @return the defaults
   * @throws IllegalArgumentException if one of them cannot be understood
   */
  public static EngineOptions defaults() {
    String threads = setting(THREADS);
    String profile = setting(PROFILE);
    try {
      int count =
          threads.isEmpty()
              ? Runtime.getRuntime().availableProcessors()
              : Integer.parseInt(threads);
      return new EngineOptions(count, truth(profile), false);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          THREADS + " is '" + threads + "'; expected a number of threads", e);
    }
  }

  private static boolean truth(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "", "0", "false" -> false;
      case "1", "true" -> true;
      default ->
          throw new IllegalArgumentException(
              PROFILE + " is '" + text + "'; expected true or false");
    };
  }

  private static String setting(String property) {
    String variable = property.replace('.', '_').toUpperCase(Locale.ROOT);
    return System.getProperty(property, System.getenv().getOrDefault(variable, "")).trim();
  }

  /**
   * Another number of threads.
   *
   * @param newThreads how many threads compute, from 1
   * @return a copy
   */
  public EngineOptions withThreads(int newThreads) {
    return new EngineOptions(newThreads, profile, recompute);
  }

  /**
   * Another choice of profiling.
   *
   * @param newProfile whether each step is timed
   * @return a copy
   */
  public EngineOptions withProfile(boolean newProfile) {
    return new EngineOptions(threads, newProfile, recompute);
  }

  /**
   * Another choice of recomputation.
   *
   * @param newRecompute whether a backward pass computes again what it reads of the forward pass
   * @return a copy
   */
  public EngineOptions withRecompute(boolean newRecompute) {
    return new EngineOptions(threads, profile, newRecompute);
  }
}

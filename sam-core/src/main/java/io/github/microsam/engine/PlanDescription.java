package io.github.microsam.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a plan does and needs. {@link #toString} is a table for people.
 *
 * @param steps operations that a call runs
 * @param arenaBytes memory for intermediate results
 * @param weightBytes memory of the weights that are read, which are the graph's
 * @param profiledRuns calls that were timed
 * @param kinds steps summed by kind, the most expensive first
 * @param mostExpensive the steps that take longest: by their times if calls were timed, else as
 *     their shapes let expect; ten, or all if there are fewer
 */
public record PlanDescription(
    int steps,
    long arenaBytes,
    long weightBytes,
    int profiledRuns,
    List<Part> kinds,
    List<Part> mostExpensive) {
  private static final int SHOWN = 10;

  /**
   * Copies the lists.
   *
   * @param steps operations that a call runs
   * @param arenaBytes memory for intermediate results
   * @param weightBytes memory of the weights
   * @param profiledRuns calls that were timed
   * @param kinds steps summed by kind
   * @param mostExpensive the steps that take longest
   */
  public PlanDescription {
    kinds = List.copyOf(kinds);
    mostExpensive = List.copyOf(mostExpensive);
  }

  /**
   * A step, or all steps of a kind.
   *
   * @param name what is computed
   * @param kind the operation or region
   * @param steps how many steps it is
   * @param flops additions and multiplications of a call
   * @param bytes read and written by a call
   * @param share of the plan's time, 0 to 1: measured if calls were timed, else estimated
   * @param milliseconds mean time in a call, if calls were timed
   */
  public record Part(
      String name,
      String kind,
      int steps,
      long flops,
      long bytes,
      double share,
      OptionalDouble milliseconds) {}

  static PlanDescription of(
      List<StepEstimate> estimates,
      double[] milliseconds,
      int profiledRuns,
      long arenaBytes,
      long weightBytes) {
    boolean timed = profiledRuns > 0;
    double whole = 0;
    for (int i = 0; i < milliseconds.length; i++) {
      whole += timed ? milliseconds[i] : estimates.get(i).nanoseconds();
    }
    List<Part> parts = new ArrayList<>();
    Map<String, Part> kinds = new LinkedHashMap<>();
    for (int i = 0; i < milliseconds.length; i++) {
      StepEstimate e = estimates.get(i);
      double share = (timed ? milliseconds[i] : e.nanoseconds()) / (whole > 0 ? whole : 1);
      OptionalDouble time = timed ? OptionalDouble.of(milliseconds[i]) : OptionalDouble.empty();
      Part part = new Part(e.name(), e.kind(), 1, e.flops(), e.bytes(), share, time);
      parts.add(part);
      kinds.merge(e.kind(), part, PlanDescription::sum);
    }
    Comparator<Part> expensive = Comparator.comparingDouble(p -> -p.share);
    return new PlanDescription(
        parts.size(),
        arenaBytes,
        weightBytes,
        profiledRuns,
        kinds.values().stream().sorted(expensive).toList(),
        parts.stream().sorted(expensive).limit(SHOWN).toList());
  }

  private static Part sum(Part a, Part b) {
    return new Part(
        a.kind,
        a.kind,
        a.steps + b.steps,
        a.flops + b.flops,
        a.bytes + b.bytes,
        a.share + b.share,
        a.milliseconds.isEmpty()
            ? a.milliseconds
            : OptionalDouble.of(a.milliseconds.getAsDouble() + b.milliseconds.getAsDouble()));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%d steps, %.1f MB for intermediate results, %.1f MB of weights; %s%n",
            steps,
            arenaBytes / 1e6,
            weightBytes / 1e6,
            profiledRuns == 0 ? "shares are estimated" : "mean of " + profiledRuns + " calls"));
    text.append(String.format(Locale.ROOT, "%10s %6s %9s  %s%n", "ms", "%", "GFLOP", "by kind"));
    kinds.forEach(k -> line(text, k, k.kind + " (" + k.steps + ")"));
    text.append(String.format(Locale.ROOT, "%10s %6s %9s  %s%n", "ms", "%", "GFLOP", "by step"));
    mostExpensive.forEach(p -> line(text, p, p.name));
    return text.toString();
  }

  private static void line(StringBuilder text, Part part, String name) {
    String time =
        part.milliseconds.isPresent()
            ? String.format(Locale.ROOT, "%.2f", part.milliseconds.getAsDouble())
            : "";
    text.append(
        String.format(
            Locale.ROOT, "%10s %6.1f %9.3f  %s%n", time, 100 * part.share, part.flops / 1e9, name));
  }
}

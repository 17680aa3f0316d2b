package io.github.microsam.engine;

import java.util.Arrays;
import java.util.List;

/** Steps that run one after the other, and how long they took if that is asked for. */
final class StepSequence implements AutoCloseable {
  private final List<Step> steps;
  private final List<StepEstimate> estimates;
  private final EngineOptions options;
  private final long[] nanoseconds;
  private int profiledRuns;

  StepSequence(List<Step> steps, List<StepEstimate> estimates, EngineOptions options) {
    this.steps = steps;
    this.estimates = estimates;
    this.options = options;
    nanoseconds = new long[steps.size()];
  }

  /** Some of the steps, timed by themselves. */
  StepSequence part(int from, int to) {
    return new StepSequence(steps.subList(from, to), estimates.subList(from, to), options);
  }

  int size() {
    return steps.size();
  }

  void run() {
    Cores.use(options.threads(), options.profile() ? this::runTimed : this::runAll);
  }

  private void runAll() {
    for (Step step : steps) {
      step.run();
    }
  }

  private void runTimed() {
    long before = System.nanoTime();
    for (int i = 0; i < nanoseconds.length; i++) {
      steps.get(i).run();
      long now = System.nanoTime();
      nanoseconds[i] += now - before;
      before = now;
    }
    profiledRuns++;
  }

  PlanDescription describe(long arenaBytes, long weightBytes) {
    double[] milliseconds =
        Arrays.stream(nanoseconds).mapToDouble(n -> n / 1e6 / Math.max(1, profiledRuns)).toArray();
    return PlanDescription.of(estimates, milliseconds, profiledRuns, arenaBytes, weightBytes);
  }

  @Override
  public void close() {
    steps.forEach(Step::close);
  }
}

package io.github.microsam.train.optim;

/**
 * The learning rate of a training as it goes: a {@link Schedule} and where it is. For one thread.
 */
public final class LearningRate {
  private static final double THRESHOLD = 1e-4; // torch's: relative
  private static final double LEAST_CHANGE = 1e-8; // torch's eps

  private final Schedule schedule;
  private final double start;
  private final long totalSteps;
  private State state;

  /**
   * What a resumed training has to know.
   *
   * @param rate learning rate that a plateau has left
   * @param best smallest metric so far; infinite before the first
   * @param badEpochs epochs since it improved
   */
  public record State(double rate, double best, int badEpochs) {}

  /**
   * A learning rate at the beginning.
   *
   * @param schedule how it changes
   * @param start learning rate that the schedule starts from
   * @param totalSteps optimizer steps of the whole training
   */
  public LearningRate(Schedule schedule, double start, long totalSteps) {
    this.schedule = schedule;
    this.start = start;
    this.totalSteps = totalSteps;
    state = new State(start, Double.POSITIVE_INFINITY, 0);
  }

  /**
   * The rate of an optimizer step.
   *
   * @param step which one, from 0
   * @return the rate
   */
  public double at(long step) {
    if (schedule instanceof Schedule.WarmupCosine cosine) {
      return start * factor(cosine, step);
    }
    if (schedule instanceof Schedule.WarmupLinear linear) {
      return start * factor(linear, step);
    }
    return state.rate;
  }

  private double factor(Schedule.WarmupCosine cosine, long step) {
    if (step < cosine.warmupSteps()) {
      return (step + 1.0) / (cosine.warmupSteps() + 1.0);
    }
    double rest = Math.max(1, totalSteps - cosine.warmupSteps());
    double progress = Math.min(1, (step - cosine.warmupSteps()) / rest);
    return cosine.floor() + (1 - cosine.floor()) * 0.5 * (1 + Math.cos(Math.PI * progress));
  }

  private double factor(Schedule.WarmupLinear linear, long step) {
    if (step < linear.warmupSteps()) {
      return (step + 1.0) / (linear.warmupSteps() + 1.0);
    }
    double left = Math.max(0, totalSteps - step) / (double) Math.max(1, linear.decaySteps());
    return linear.floor() + (1 - linear.floor()) * Math.min(1, left);
  }

  /**
   * Takes notice of a validation.
   *
   * @param metric that is to become small
   */
  public void validated(double metric) {
    if (!(schedule instanceof Schedule.Plateau plateau)) {
      return;
    }
    boolean better = metric < state.best * (1 - THRESHOLD);
    double best = better ? metric : state.best;
    int bad = better ? 0 : state.badEpochs + 1;
    double rate = state.rate;
    if (bad > plateau.patience()) {
      double reduced = rate * plateau.factor();
      rate = rate - reduced > LEAST_CHANGE ? reduced : rate;
      bad = 0;
    }
    state = new State(rate, best, bad);
  }

  /**
   * Where the schedule is.
   *
   * @return what {@link #restore} takes
   */
  public State state() {
    return state;
  }

  /**
   * Continues where another one was.
   *
   * @param saved its state
   */
  public void restore(State saved) {
    state = saved;
  }
}

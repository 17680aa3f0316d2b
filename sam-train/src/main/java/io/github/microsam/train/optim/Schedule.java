package io.github.microsam.train.optim;

/** How the learning rate changes in the course of a training. Immutable. */
public sealed interface Schedule
    permits Schedule.Constant, Schedule.Plateau, Schedule.WarmupCosine, Schedule.WarmupLinear {

  /** The same rate throughout. */
  record Constant() implements Schedule {}

  /**
   * {@code torch.optim.lr_scheduler.ReduceLROnPlateau} on the validation's metric, which is to
   * become small: after more than {@code patience} epochs in a row without an improvement by 10⁻⁴
   * of the best value, the rate is multiplied with {@code factor}.
   *
   * @param factor between 0 and 1
   * @param patience epochs, 0 or more
   */
  record Plateau(double factor, int patience) implements Schedule {
    /**
     * micro-sam's: factor 0.9, patience 3.
     *
     * @return the schedule
     */
    public static Plateau defaults() {
      return new Plateau(0.9, 3);
    }
  }

  /**
   * A linear rise, then half a cosine down.
   *
   * @param warmupSteps optimizer steps in which the rate rises from nearly nothing
   * @param floor share of the rate that is left at the end of training, from 0 to 1
   */
  record WarmupCosine(long warmupSteps, double floor) implements Schedule {}

  /**
   * A linear rise, then the full rate, then a linear fall at the end. Until the fall begins, a
   * training can be made longer, and its steps are what they would have been.
   *
   * @param warmupSteps optimizer steps in which the rate rises from nearly nothing
   * @param decaySteps the last optimizer steps, in which it falls; 0 or more
   * @param floor share of the rate that is left at the end of training, from 0 to 1
   */
  record WarmupLinear(long warmupSteps, long decaySteps, double floor) implements Schedule {}
}

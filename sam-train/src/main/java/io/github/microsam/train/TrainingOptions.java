package io.github.microsam.train;

import io.github.microsam.train.optim.Schedule;
import io.github.microsam.train.optim.UpdateRule;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What is trained and how. Immutable.
 *
 * @param scheme what the model is trained to do
 * @param tuning which weights of the image encoder are trained
 * @param frozen parts of the model that are not trained at all
 * @param rule how the optimizer changes a weight, with the learning rate that the schedule starts
 *     from
 * @param schedule how the learning rate changes
 * @param epochs how often all batches are gone through, at least 1
 * @param maxIterations batches after which training ends even if epochs are left; 0 for no such
 *     end. Batches whose gradients are accumulated are completed first
 * @param accumulation batches whose gradients are averaged for one optimizer step, at least 1
 * @param clipNorm largest norm of the gradient of a step, longer ones are scaled down; 0 for none
 * @param averageDecay decay of the moving average of the weights, which is what is validated and
 *     saved; 0 for the weights themselves
 * @param patience epochs without a better validation after which training ends; 0 for no such end
 * @param saveEvery batches after which the state is saved within an epoch; 0 for at the end of
 *     epochs only
 * @param decoderObjects objects that the mask decoder works on at once; more are faster and take
 *     more memory
 * @param seed of everything random
 */
public record TrainingOptions(
    Scheme scheme,
    Tuning tuning,
    Set<ModelPart> frozen,
    UpdateRule rule,
    Schedule schedule,
    int epochs,
    long maxIterations,
    int accumulation,
    double clipNorm,
    double averageDecay,
    int patience,
    long saveEvery,
    int decoderObjects,
    long seed) {

  /**
   * Checks the numbers, and copies the frozen parts, in the order that {@link ModelPart} has them.
   *
   * @param scheme what the model is trained to do
   * @param tuning which weights of the image encoder are trained
   * @param frozen parts of the model that are not trained at all
   * @param rule how the optimizer changes a weight, with the learning rate that the schedule starts
   *     from
   * @param schedule how the learning rate changes
   * @param epochs how often all batches are gone through, at least 1
   * @param maxIterations batches after which training ends even if epochs are left; 0 for no such
   *     end
   * @param accumulation batches whose gradients are averaged for one optimizer step, at least 1
   * @param clipNorm largest norm of the gradient of a step, longer ones are scaled down; 0 for none
   * @param averageDecay decay of the moving average of the weights, which is what is validated and
   *     saved; 0 for the weights themselves
   * @param patience epochs without a better validation after which training ends; 0 for no such end
   * @param saveEvery batches after which the state is saved within an epoch; 0 for at the end of
   *     epochs only
   * @param decoderObjects objects that the mask decoder works on at once; more are faster and take
   *     more memory
   * @param seed of everything random
   * @throws IllegalArgumentException if a number is out of its range
   */
  public TrainingOptions {
    Set<ModelPart> ordered = EnumSet.noneOf(ModelPart.class);
    ordered.addAll(frozen);
    frozen = Collections.unmodifiableSet(ordered);
    require(epochs >= 1, "epochs", epochs, "1 or more");
    require(maxIterations >= 0, "maxIterations", maxIterations, "0 or more");
    require(accumulation >= 1, "accumulation", accumulation, "1 or more");
    require(clipNorm >= 0, "clipNorm", clipNorm, "0 or more");
    require(averageDecay >= 0 && averageDecay < 1, "averageDecay", averageDecay, "0 to below 1");
    require(patience >= 0, "patience", patience, "0 or more");
    require(saveEvery >= 0, "saveEvery", saveEvery, "0 or more");
    require(decoderObjects >= 1, "decoderObjects", decoderObjects, "1 or more");
    require(rule.learningRate() > 0, "learning rate", rule.learningRate(), "above 0");
  }

  private static void require(boolean holds, String name, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is " + value + ", expected " + expected);
    }
  }

  /**
   * micro-sam's: joint training of everything with AdamW at 10⁻⁵, which a plateau lowers, for up to
   * 100 epochs, ended after 10 without improvement.
   *
   * @return the defaults
   */
  public static TrainingOptions defaults() {
    return new TrainingOptions(
        Scheme.Joint.defaults(),
        new Tuning.Full(),
        Set.of(),
        UpdateRule.AdamW.of(1e-5),
        Schedule.Plateau.defaults(),
        100,
        0,
        1,
        0,
        0,
        10,
        0,
        32,
        17);
  }

  /**
   * Another choice of scheme.
   *
   * @param scheme what the model is trained to do
   * @return a copy
   */
  public TrainingOptions withScheme(Scheme scheme) {
    return changed(o -> o.scheme = scheme);
  }

  /**
   * Another choice of tuning.
   *
   * @param tuning which weights of the image encoder are trained
   * @return a copy
   */
  public TrainingOptions withTuning(Tuning tuning) {
    return changed(o -> o.tuning = tuning);
  }

  /**
   * Another choice of frozen.
   *
   * @param frozen parts of the model that are not trained at all
   * @return a copy
   */
  public TrainingOptions withFrozen(Set<ModelPart> frozen) {
    return changed(o -> o.frozen = frozen);
  }

  /**
   * Another choice of rule.
   *
   * @param rule how the optimizer changes a weight, with the learning rate that the schedule starts
   *     from
   * @return a copy
   */
  public TrainingOptions withRule(UpdateRule rule) {
    return changed(o -> o.rule = rule);
  }

  /**
   * Another choice of schedule.
   *
   * @param schedule how the learning rate changes
   * @return a copy
   */
  public TrainingOptions withSchedule(Schedule schedule) {
    return changed(o -> o.schedule = schedule);
  }

  /**
   * Another choice of epochs.
   *
   * @param epochs how often all batches are gone through, at least 1
   * @return a copy
   */
  public TrainingOptions withEpochs(int epochs) {
    return changed(o -> o.epochs = epochs);
  }

  /**
   * Another choice of maxIterations.
   *
   * @param maxIterations batches after which training ends even if epochs are left; 0 for no such
   *     end
   * @return a copy
   */
  public TrainingOptions withMaxIterations(long maxIterations) {
    return changed(o -> o.maxIterations = maxIterations);
  }

  /**
   * Another choice of accumulation.
   *
   * @param accumulation batches whose gradients are averaged for one optimizer step, at least 1
   * @return a copy
   */
  public TrainingOptions withAccumulation(int accumulation) {
    return changed(o -> o.accumulation = accumulation);
  }

  /**
   * Another choice of clipNorm.
   *
   * @param clipNorm largest norm of the gradient of a step, longer ones are scaled down; 0 for none
   * @return a copy
   */
  public TrainingOptions withClipNorm(double clipNorm) {
    return changed(o -> o.clipNorm = clipNorm);
  }

  /**
   * Another choice of averageDecay.
   *
   * @param averageDecay decay of the moving average of the weights, which is what is validated and
   *     saved; 0 for the weights themselves
   * @return a copy
   */
  public TrainingOptions withAverageDecay(double averageDecay) {
    return changed(o -> o.averageDecay = averageDecay);
  }

  /**
   * Another choice of patience.
   *
   * @param patience epochs without a better validation after which training ends; 0 for no such end
   * @return a copy
   */
  public TrainingOptions withPatience(int patience) {
    return changed(o -> o.patience = patience);
  }

  /**
   * Another choice of saveEvery.
   *
   * @param saveEvery batches after which the state is saved within an epoch; 0 for at the end of
   *     epochs only
   * @return a copy
   */
  public TrainingOptions withSaveEvery(long saveEvery) {
    return changed(o -> o.saveEvery = saveEvery);
  }

  /**
   * Another choice of decoderObjects.
   *
   * @param decoderObjects objects that the mask decoder works on at once; more are faster and take
   *     more memory
   * @return a copy
   */
  public TrainingOptions withDecoderObjects(int decoderObjects) {
    return changed(o -> o.decoderObjects = decoderObjects);
  }

  /**
   * Another choice of seed.
   *
   * @param seed of everything random
   * @return a copy
   */
  public TrainingOptions withSeed(long seed) {
    return changed(o -> o.seed = seed);
  }

  private TrainingOptions changed(Consumer<Change> change) {
    Change c = new Change();
    change.accept(c);
    return new TrainingOptions(
        c.scheme,
        c.tuning,
        c.frozen,
        c.rule,
        c.schedule,
        c.epochs,
        c.maxIterations,
        c.accumulation,
        c.clipNorm,
        c.averageDecay,
        c.patience,
        c.saveEvery,
        c.decoderObjects,
        c.seed);
  }

  /** The components while some of them are changed. */
  private final class Change {
    Scheme scheme = scheme();
    Tuning tuning = tuning();
    Set<ModelPart> frozen = frozen();
    UpdateRule rule = rule();
    Schedule schedule = schedule();
    int epochs = epochs();
    long maxIterations = maxIterations();
    int accumulation = accumulation();
    double clipNorm = clipNorm();
    double averageDecay = averageDecay();
    int patience = patience();
    long saveEvery = saveEvery();
    int decoderObjects = decoderObjects();
    long seed = seed();
  }
}

package io.github.microsam.train;

import io.github.microsam.train.loss.DistanceLoss;
import io.github.microsam.train.loss.MapLoss;
import io.github.microsam.train.loss.SemanticLoss;
import io.github.microsam.train.prompts.PromptScheme;
import java.util.OptionalDouble;

/** What a model is trained to do. Immutable. */
public sealed interface Scheme
    permits Scheme.Interactive, Scheme.Joint, Scheme.Automatic, Scheme.Semantic {

  /**
   * Masks for prompts (micro-sam's {@code SamTrainer}; with {@link PromptScheme#fixed} its {@code
   * SimpleSamTrainer} and {@code MedSAMTrainer}).
   *
   * @param prompts how objects are prompted
   */
  record Interactive(PromptScheme prompts) implements Scheme {}

  /**
   * Masks for prompts and maps for automatic segmentation (micro-sam's {@code JointSamTrainer}).
   *
   * @param prompts how objects are prompted
   * @param loss of the maps
   * @param update how the two losses change the weights
   */
  record Joint(PromptScheme prompts, MapLoss loss, Update update) implements Scheme {
    /**
     * micro-sam's: prompts as by default, Dice of the distances, two steps a batch.
     *
     * @return the scheme
     */
    public static Joint defaults() {
      return new Joint(PromptScheme.defaults(), DistanceLoss.defaults(), Update.TWO_STEPS);
    }
  }

  /** How the two losses of joint training change the weights. */
  enum Update {
    /**
     * One optimizer step for the prompts, then one for the maps, as micro-sam does: the image
     * encoder runs twice a batch.
     */
    TWO_STEPS,
    /** One optimizer step for the sum of both losses: the image encoder runs once a batch. */
    ONE_STEP
  }

  /**
   * Maps for automatic segmentation alone: image encoder and UNETR decoder.
   *
   * @param loss of the maps
   */
  record Automatic(MapLoss loss) implements Scheme {
    /**
     * micro-sam's loss, Dice of the distances.
     *
     * @return the scheme
     */
    public static Automatic defaults() {
      return new Automatic(DistanceLoss.defaults());
    }
  }

  /**
   * A class for each pixel, from the candidate masks of the mask decoder without any prompt
   * (micro-sam's {@code SemanticSamTrainer}); labels are classes from 0.
   *
   * @param classes how many there are, with the background; 0 for as many as the model has
   *     candidate masks
   * @param loss Dice and cross-entropy
   */
  record Semantic(int classes, SemanticLoss loss) implements Scheme {
    /**
     * Checks the number of classes.
     *
     * @param classes 0, or 2 and more
     * @param loss Dice and cross-entropy
     * @throws IllegalArgumentException if there is a single class
     */
    public Semantic {
      if (classes < 0 || classes == 1) {
        throw new IllegalArgumentException(
            "classes is %d, expected 2 or more, or 0 for the model's".formatted(classes));
      }
    }

    /**
     * The sum of both losses.
     *
     * @return the scheme
     */
    public static Semantic defaults() {
      return new Semantic(0, new SemanticLoss(OptionalDouble.empty()));
    }
  }
}

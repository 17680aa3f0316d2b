package io.github.microsam.train.step;

import io.github.microsam.model.ImageEncoder;
import io.github.microsam.model.SamModel;
import io.github.microsam.train.data.Sample;
import io.github.microsam.train.loss.MapLoss;
import io.github.microsam.train.loss.SemanticLoss;
import io.github.microsam.train.optim.Gradients;
import io.github.microsam.train.prompts.PromptScheme;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a model does with a batch in training and in validation: the image encoder once, the
 * decoders of the tasks at hand, their way back, and once that of the image encoder. Owns little
 * native memory; the model is the caller's. For one thread.
 */
public final class ModelSteps implements AutoCloseable {
  private final SamModel model;
  private final NetworkPass encoder;
  private final DropoutMasks dropout;
  private final Optional<InteractiveStep> interactive;
  private final Optional<AutomaticStep> automatic;
  private final Optional<SemanticStep> semantic;
  private StepTimes times = StepTimes.NONE;

  /**
   * How the tasks are done; those that are empty are not.
   *
   * @param prompts how objects are prompted
   * @param maps loss of the maps
   * @param classes loss of semantic training
   * @param objectsAtOnce how many objects the mask decoder works on at once
   */
  public record Settings(
      Optional<PromptScheme> prompts,
      Optional<MapLoss> maps,
      Optional<SemanticLoss> classes,
      int objectsAtOnce) {}

  /**
   * Steps of a model.
   *
   * @param model in training, its batch norms must normalise with the statistics of the batch, and
   *     its options tell the dropout; for validation there must be none
   * @param trained keys of the weights that are trained; empty for validation
   * @param settings how the tasks are done
   * @throws IllegalArgumentException if the model lacks a decoder that a task needs
   */
  public ModelSteps(SamModel model, Set<String> trained, Settings settings) {
    this.model = model;
    encoder = Embeddings.encoder(model, trained);
    dropout = new DropoutMasks(model);
    automatic = settings.maps.map(loss -> new AutomaticStep(model, trained, loss));
    interactive =
        settings.prompts.map(
            scheme -> new InteractiveStep(model, trained, scheme, settings.objectsAtOnce));
    semantic = settings.classes.map(loss -> new SemanticStep(model, trained, loss));
  }

  /**
   * Adds a batch's gradients to sums.
   *
   * @param samples all of one size
   * @param tasks what the batch is used for
   * @param step number of the step, from which with the seed everything random follows
   * @param seed of the training
   * @param sums takes the gradients of trained weights
   * @return the losses
   */
  public StepLoss train(
      List<Sample> samples, Set<Task> tasks, long step, long seed, Gradients sums) {
    long start = System.nanoTime();
    try (ImageBatch batch = batch(samples);
        Embeddings embeddings =
            Embeddings.inTraining(
                encoder, batch, dropout.draw(samples.size(), tasks, step, seed))) {
      long encoded = System.nanoTime();
      InteractiveLoss prompts = InteractiveLoss.NONE;
      if (tasks.contains(Task.PROMPTS)) {
        prompts = interactive.orElseThrow().train(batch, embeddings, step, seed, sums);
      }
      double maps = 0;
      if (tasks.contains(Task.MAPS)) {
        maps = automatic.orElseThrow().train(batch, embeddings, sums);
      }
      double classes = 0;
      if (tasks.contains(Task.CLASSES)) {
        classes = semantic.orElseThrow().train(batch, embeddings, sums);
      }
      long decoded = System.nanoTime();
      if (prompts.objects() > 0 || !tasks.equals(Set.of(Task.PROMPTS))) {
        embeddings.backward(sums);
      }
      times = StepTimes.between(start, encoded, decoded, System.nanoTime());
      return new StepLoss(prompts, maps, classes);
    }
  }

  /**
   * The losses of a batch for all tasks; prompts are answered once, with no correction.
   *
   * @param samples all of one size
   * @param index of the batch in the validation, from which with the seed everything random follows
   * @param seed of the validation
   * @return the losses
   */
  public StepLoss validate(List<Sample> samples, long index, long seed) {
    try (ImageBatch batch = batch(samples);
        Embeddings embeddings = Embeddings.of(encoder, batch)) {
      return new StepLoss(
          interactive
              .map(s -> s.validate(batch, embeddings, index, seed))
              .orElse(InteractiveLoss.NONE),
          automatic.map(s -> s.validate(batch, embeddings)).orElse(0.0),
          semantic.map(s -> s.validate(batch, embeddings)).orElse(0.0));
    }
  }

  /**
   * What the decoder for automatic segmentation makes of an image.
   *
   * @param sample the image
   * @return its maps, shape [channels, height, width]
   * @throws java.util.NoSuchElementException if maps are none of the tasks
   */
  public float[] maps(Sample sample) {
    try (ImageBatch batch = batch(List.of(sample));
        Embeddings embeddings = Embeddings.of(encoder, batch)) {
      return automatic.orElseThrow().maps(batch, embeddings);
    }
  }

  /**
   * The classes of an image's pixels.
   *
   * @param sample the image
   * @return the most probable ones, shape [height, width]
   * @throws java.util.NoSuchElementException if classes are none of the tasks
   */
  public int[] classes(Sample sample) {
    try (ImageBatch batch = batch(List.of(sample));
        Embeddings embeddings = Embeddings.of(encoder, batch)) {
      return semantic.orElseThrow().classes(batch, embeddings);
    }
  }

  /**
   * Memory for the intermediate results of training steps, at the most objects and points that are
   * prompted.
   *
   * @param images of a batch
   * @param taken whether the memory is taken: the steps that come then need no more, and find their
   *     plans; else it is only told
   * @return bytes
   * @throws io.github.microsam.engine.PlanTooLargeException if it is taken and there is not as much
   */
  public long arenaBytes(int images, boolean taken) {
    int size = model.config().encoder().imageSize();
    int side = model.config().encoder().embeddingSize();
    boolean wanted = encoder.isTrained();
    try (INDArray image = Nd4j.create(DataType.FLOAT, images, 3, size, size);
        INDArray embedding =
            Nd4j.create(
                DataType.FLOAT, images, model.config().encoder().outChannels(), side, side)) {
      return encoderBytes(image, taken)
          + interactive.map(s -> s.arenaBytes(images, wanted, taken)).orElse(0L)
          + automatic.map(s -> s.arenaBytes(embedding, wanted, taken)).orElse(0L)
          + semantic.map(s -> s.arenaBytes(images, wanted, taken)).orElse(0L);
    }
  }

  private long encoderBytes(INDArray image, boolean taken) {
    Map<String, INDArray> inputs =
        new HashMap<>(dropout.draw(Math.toIntExact(image.size(0)), Set.of(), 0, 0));
    inputs.put(ImageEncoder.IMAGE, image);
    try {
      return encoder.arenaBytes(inputs, List.of(), taken);
    } finally {
      inputs.remove(ImageEncoder.IMAGE);
      inputs.values().forEach(INDArray::close);
    }
  }

  /**
   * How long the last training step took.
   *
   * @return the times of its parts
   */
  public StepTimes times() {
    return times;
  }

  private ImageBatch batch(List<Sample> samples) {
    return new ImageBatch(
        samples, model.config().encoder().imageSize(), model.options().nativeResolution());
  }

  @Override
  public void close() {
    interactive.ifPresent(InteractiveStep::close);
    semantic.ifPresent(SemanticStep::close);
  }
}

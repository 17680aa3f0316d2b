package io.github.microsam.train.step;

import io.github.microsam.model.SamModel;
import io.github.microsam.train.data.Sample;
import io.github.microsam.train.data.StableRandom;
import io.github.microsam.train.optim.Gradients;
import io.github.microsam.train.prompts.FirstPrompt;
import io.github.microsam.train.prompts.PromptScheme;
import io.github.microsam.train.prompts.PromptSimulation;
import io.github.microsam.train.prompts.TrueObject;
import io.github.microsam.train.prompts.TrueObjects;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Interactive training (micro_sam/training/sam_trainer.py): objects are prompted, the model
 * answers, the prompts are corrected, and so on; every answer counts. Each sub-iteration goes back
 * through the decoder at once, so that the memory of one is enough.
 */
final class InteractiveStep implements AutoCloseable {
  private final PromptScheme scheme;
  private final PromptSimulation annotator;
  private final Correction correction;
  private final PromptedDecoder decoder;
  private final int imageSize;
  private final int candidates;
  private final int objectsAtOnce;

  /**
   * A step.
   *
   * @param model whose prompt encoder and mask decoder are used
   * @param trained keys of all trained weights
   * @param scheme how objects are prompted
   * @param objectsAtOnce how many the decoder works on at once
   */
  InteractiveStep(SamModel model, Set<String> trained, PromptScheme scheme, int objectsAtOnce) {
    this(
        model,
        trained,
        scheme,
        objectsAtOnce,
        new PromptSimulation(scheme.simulation())::correction);
  }

  /** A step with an annotator of its own. */
  InteractiveStep(
      SamModel model,
      Set<String> trained,
      PromptScheme scheme,
      int objectsAtOnce,
      Correction correction) {
    this.scheme = scheme;
    this.objectsAtOnce = objectsAtOnce;
    this.correction = correction;
    annotator = new PromptSimulation(scheme.simulation());
    decoder = new PromptedDecoder(model, trained);
    imageSize = model.config().encoder().imageSize();
    candidates = model.config().maskDecoder().multimaskOutputs();
  }

  /**
   * Trains on a batch: adds to the gradients of prompt encoder and mask decoder, and to that of the
   * embeddings.
   *
   * @param batch images
   * @param embeddings of the images
   * @param step number of the step, which decides what objects are prompted with first
   * @param seed of everything that is drawn, with the number of the step
   * @param sums takes gradients
   * @return the loss
   */
  InteractiveLoss train(
      ImageBatch batch, Embeddings embeddings, long step, long seed, Gradients sums) {
    RandomGenerator random = StableRandom.of(seed, step);
    FirstPrompt first = scheme.first(step);
    List<ObjectInTraining> objects = objects(batch.samples, first, seed, step);
    return run(batch, embeddings, objects, first, scheme.subIterations(), random, sums);
  }

  /**
   * One answer to prompts of the kinds that validation goes through.
   *
   * @param batch images
   * @param embeddings of the images
   * @param index of the batch in the validation
   * @param seed of everything that is drawn, with the index
   * @return the loss
   */
  InteractiveLoss validate(ImageBatch batch, Embeddings embeddings, long index, long seed) {
    RandomGenerator random = StableRandom.of(seed, index);
    FirstPrompt first = scheme.ofValidation(index, random);
    List<ObjectInTraining> objects = objects(batch.samples, first, seed, index);
    return run(batch, embeddings, objects, first, 1, random, null);
  }

  /**
   * Objects of all images, as many of each as of that with the fewest, as in the reference; images
   * without objects are left out.
   */
  private List<ObjectInTraining> objects(
      List<Sample> samples, FirstPrompt first, long seed, long step) {
    List<List<TrueObject>> drawn = new ArrayList<>();
    int fewest = Integer.MAX_VALUE;
    int images = 0;
    for (int i = 0; i < samples.size(); i++) {
      Sample s = samples.get(i);
      List<TrueObject> some =
          new TrueObjects(s.labels(), s.width(), s.height())
              .sample(scheme.maxObjects(), StableRandom.of(seed, step, i));
      drawn.add(some);
      if (!some.isEmpty()) {
        images++;
        fewest = Math.min(fewest, some.size());
      }
    }
    List<ObjectInTraining> objects = new ArrayList<>();
    for (int i = 0; i < drawn.size(); i++) {
      for (int k = 0; k < Math.min(fewest, drawn.get(i).size()); k++) {
        RandomGenerator random = StableRandom.of(seed, step, i, k);
        objects.add(prompted(i, 1.0 / images / fewest, drawn.get(i).get(k), first, random));
      }
    }
    return objects;
  }

  private ObjectInTraining prompted(
      int image, double weight, TrueObject truth, FirstPrompt first, RandomGenerator random) {
    ObjectInTraining object = new ObjectInTraining(image, weight, truth, random);
    if (first.positives() + first.negatives() > 0) {
      object.points.addAll(annotator.points(truth, first.positives(), first.negatives(), random));
    }
    if (first.box()) {
      object.box = Optional.of(annotator.box(truth, random));
    }
    return object;
  }

  /** All sub-iterations; without sums, no way back. */
  InteractiveLoss run(
      ImageBatch batch,
      Embeddings embeddings,
      List<ObjectInTraining> objects,
      FirstPrompt first,
      int subIterations,
      RandomGenerator random,
      Gradients sums) {
    if (objects.isEmpty()) {
      return InteractiveLoss.NONE;
    }
    MapResize resize = new MapResize(decoder.maskSide(), imageSize, batch.transform);
    double[] total = new double[3];
    List<Integer> images = objects.stream().map(o -> o.image).distinct().toList();
    Set<Integer> masked = Set.of();
    for (int s = 0; s < subIterations; s++) {
      boolean multimask = s == 0 && first.multimask();
      boolean corrected = s < subIterations - 1;
      Answers answers =
          new Answers(resize, multimask, candidates, corrected, 1.0 / subIterations, correction);
      for (boolean withMask : new boolean[] {false, true}) {
        Set<Integer> some = masked;
        List<ObjectInTraining> alike =
            objects.stream().filter(o -> some.contains(o.image) == withMask).toList();
        for (List<ObjectInTraining> chunk : chunks(alike)) {
          double[] part = answer(batch, embeddings, chunk, withMask, answers, sums);
          for (int k = 0; k < total.length; k++) {
            total[k] += part[k] / subIterations;
          }
        }
      }
      masked = drawn(images, scheme.maskProbability(), random);
    }
    return new InteractiveLoss(total[0], total[1], total[2], objects.size());
  }

  /** Those images whose answers are handed back as mask prompts, each with this probability. */
  static Set<Integer> drawn(List<Integer> images, double probability, RandomGenerator random) {
    Set<Integer> drawn = new HashSet<>();
    for (int image : images) {
      if (random.nextDouble() < probability) {
        drawn.add(image);
      }
    }
    return drawn;
  }

  /**
   * Memory for the decoder's intermediate results at the most objects and points.
   *
   * @param images of a batch
   * @param embeddingWanted whether the gradient with respect to the embedding is wanted
   * @param taken whether it is taken for the steps that come, or only told
   * @return bytes
   */
  long arenaBytes(int images, boolean embeddingWanted, boolean taken) {
    int objects = chunkSize(scheme.maxObjects() * images);
    int tokens = 2 + 2 * (scheme.subIterations() - 1);
    return decoder.arenaBytes(objects, tokens, images == 1 ? 1 : objects, embeddingWanted, taken);
  }

  private int chunkSize(int objects) {
    int count = (objects + objectsAtOnce - 1) / objectsAtOnce;
    return (objects + count - 1) / count;
  }

  private List<List<ObjectInTraining>> chunks(List<ObjectInTraining> objects) {
    if (objects.isEmpty()) {
      return List.of();
    }
    int size = chunkSize(objects.size());
    int count = (objects.size() + size - 1) / size;
    return IntStream.range(0, count)
        .mapToObj(i -> objects.subList(i * size, Math.min(objects.size(), (i + 1) * size)))
        .toList();
  }

  private double[] answer(
      ImageBatch batch,
      Embeddings embeddings,
      List<ObjectInTraining> chunk,
      boolean masked,
      Answers answers,
      Gradients sums) {
    int[] images = chunk.stream().mapToInt(o -> o.image).toArray();
    boolean wanted = sums != null && embeddings.gradientWanted();
    Map<String, INDArray> out;
    try (INDArray embedding = embeddings.repeated(images)) {
      out = decoder.forward(chunk, embedding, masked, batch.transform, sums != null, wanted);
    }
    try (INDArray masks = out.get("masks");
        INDArray iou = out.get("iou")) {
      double[] loss = answers.judge(chunk, masks, iou);
      if (sums != null) {
        // The answers' arrays now hold the gradients.
        decoder
            .backward(Map.of("masks", masks, "iou", iou), sums)
            .ifPresent(gradient -> embeddings.addRepeated(images, gradient));
      }
      return loss;
    }
  }

  @Override
  public void close() {
    decoder.close();
  }
}

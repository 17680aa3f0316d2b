package io.github.microsam.train.step;

import io.github.microsam.engine.Engine;
import io.github.microsam.image.CoordinateTransform;
import io.github.microsam.model.BatchCounters;
import io.github.microsam.model.SamModel;
import io.github.microsam.train.optim.Gradients;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Prompt encoder and mask decoder on some objects at once, forward and backward. Between a forward
 * pass and its way back nothing else may be asked of it.
 */
final class PromptedDecoder implements AutoCloseable {
  private static final String PROMPTS = "prompt_encoder.";
  private static final String NO_MASK = PROMPTS + "no_mask_embed.weight";
  private static final List<String> OF_POINTS =
      List.of(
          PROMPTS + "point_embeddings.0",
          PROMPTS + "point_embeddings.1",
          PROMPTS + "not_a_point_embed");
  private static final List<String> OF_BOXES =
      List.of(PROMPTS + "point_embeddings.2", PROMPTS + "point_embeddings.3");
  private static final String OF_MASKS = PROMPTS + "mask_downscaling";

  /** What prompts consist of; each kind has weights of its own. */
  private record Kinds(boolean points, boolean boxes, boolean masks) {
    static Kinds of(ObjectInTraining object, boolean masks) {
      return new Kinds(!object.points.isEmpty(), object.box.isPresent(), masks);
    }

    List<String> outputs() {
      return masks ? List.of("sparse", "dense") : List.of("sparse");
    }

    /** What no prompt asks for has no gradient, and an optimizer leaves it alone. */
    List<String> prefixes() {
      List<String> prefixes = new ArrayList<>();
      if (points) {
        prefixes.addAll(OF_POINTS);
      }
      if (boxes) {
        prefixes.addAll(OF_BOXES);
      }
      if (masks) {
        prefixes.add(OF_MASKS);
      }
      return prefixes;
    }
  }

  private final int channels;
  private final int side;
  private final boolean noMaskTrained;
  private final INDArray noMask;
  private final INDArray densePe;
  private final Set<String> trained;
  private final Engine engine;
  private final BatchCounters counters;
  private final Map<Kinds, NetworkPass> passes = new HashMap<>();
  private final NetworkPass nothing;
  private final NetworkPass decoder;
  private NetworkPass prompts;
  private boolean masked;

  PromptedDecoder(SamModel model, Set<String> trained) {
    channels = model.config().encoder().outChannels();
    side = model.config().encoder().embeddingSize();
    noMaskTrained = trained.contains(NO_MASK);
    noMask = model.promptEncoder().graph().getArrForVarName(NO_MASK);
    densePe = model.promptEncoder().run(Map.of(), List.of("dense_pe")).get("dense_pe");
    this.trained = trained;
    engine = model.promptEncoder();
    counters = model.batchCounters();
    nothing = new NetworkPass(engine, List.of(), trained, List.of(), counters);
    decoder =
        new NetworkPass(
            model.maskDecoder(), List.of("masks", "iou"), trained, List.of(""), counters);
  }

  /** Side of the decoder's masks. */
  int maskSide() {
    return 4 * side;
  }

  /**
   * Answers prompts.
   *
   * @param objects with as many tokens each
   * @param embedding {@code [1 or objects, C, E, E]}
   * @param withMasks whether the last answers are prompts too
   * @param transform of the patch into the input
   * @param train whether a way back is wanted
   * @param embeddingWanted whether the gradient with respect to the embedding is wanted
   * @return {@code masks} and {@code iou}; the caller closes them
   */
  Map<String, INDArray> forward(
      List<ObjectInTraining> objects,
      INDArray embedding,
      boolean withMasks,
      CoordinateTransform transform,
      boolean train,
      boolean embeddingWanted) {
    masked = withMasks;
    prompts =
        passes.computeIfAbsent(
            Kinds.of(objects.get(0), withMasks),
            k -> new NetworkPass(engine, k.outputs(), trained, k.prefixes(), counters));
    Map<String, INDArray> encoded = new HashMap<>(encode(objects, transform, train));
    if (!masked) {
      encoded.put("dense", noMask());
    }
    Map<String, INDArray> inputs = new HashMap<>(encoded);
    inputs.put("embedding", embedding);
    inputs.put("dense_pe", densePe);
    List<String> wanted = new ArrayList<>();
    if (embeddingWanted) {
      wanted.add("embedding");
    }
    if (prompts.isTrained()) {
      wanted.addAll(List.of("sparse", "dense"));
    } else if (!masked && noMaskTrained) {
      wanted.add("dense");
    }
    try {
      return train ? decoder.forward(inputs, wanted) : decoder.infer(inputs);
    } finally {
      encoded.values().forEach(INDArray::close);
    }
  }

  /**
   * Answers without any prompt.
   *
   * @param embedding {@code [B, C, E, E]}
   * @param train whether a way back is wanted
   * @param embeddingWanted whether the gradient with respect to the embedding is wanted
   * @return {@code masks} and {@code iou}; the caller closes them
   */
  Map<String, INDArray> unprompted(INDArray embedding, boolean train, boolean embeddingWanted) {
    masked = false;
    prompts = nothing;
    List<String> wanted = new ArrayList<>();
    if (embeddingWanted) {
      wanted.add("embedding");
    }
    if (noMaskTrained) {
      wanted.add("dense");
    }
    try (INDArray sparse = Nd4j.create(DataType.FLOAT, embedding.size(0), 0, channels);
        INDArray dense = noMask()) {
      Map<String, INDArray> inputs =
          Map.of("embedding", embedding, "dense_pe", densePe, "sparse", sparse, "dense", dense);
      return train ? decoder.forward(inputs, wanted) : decoder.infer(inputs);
    }
  }

  /**
   * Memory for the intermediate results of an answer to prompts with masks and its way back.
   *
   * @param objects that are prompted at once
   * @param tokens points and corners of boxes of each; 0 for no prompts and no masks
   * @param embeddings how many there are: 1 if the objects lie in one image
   * @param embeddingWanted whether the gradient with respect to the embedding is wanted
   * @param taken whether it is taken for the steps that come, or only told
   * @return bytes
   */
  long arenaBytes(int objects, int tokens, int embeddings, boolean embeddingWanted, boolean taken) {
    boolean masks = tokens > 0;
    List<String> wanted = new ArrayList<>();
    if (embeddingWanted) {
      wanted.add("embedding");
    }
    if (masks) {
      wanted.addAll(List.of("sparse", "dense"));
    }
    int height = masks ? side : 1;
    try (INDArray embedding = zeros(embeddings, channels, side, side);
        INDArray sparse = zeros(objects, tokens, channels);
        INDArray dense = zeros(masks ? objects : 1, channels, height, height)) {
      return decoder.arenaBytes(
          Map.of("embedding", embedding, "dense_pe", densePe, "sparse", sparse, "dense", dense),
          wanted,
          taken);
    }
  }

  private static INDArray zeros(long... shape) {
    return Nd4j.create(DataType.FLOAT, shape);
  }

  private INDArray noMask() {
    INDArray dense = Nd4j.createUninitialized(DataType.FLOAT, 1, channels, 1, 1);
    return dense.assign(noMask.reshape(1, channels, 1, 1));
  }

  private Map<String, INDArray> encode(
      List<ObjectInTraining> objects, CoordinateTransform transform, boolean train) {
    int tokens = objects.get(0).tokens();
    int pixels = maskSide() * maskSide();
    float[] places = new float[objects.size() * tokens * 2];
    float[] labels = new float[objects.size() * tokens];
    float[] answers = new float[masked ? objects.size() * pixels : 1];
    for (int i = 0; i < objects.size(); i++) {
      objects.get(i).write(transform, places, labels, i * tokens);
      if (masked) {
        System.arraycopy(objects.get(i).answer, 0, answers, i * pixels, pixels);
      }
    }
    long n = masked ? objects.size() : 1;
    long side4 = masked ? maskSide() : 1;
    try (INDArray p = Nd4j.create(places, new long[] {objects.size(), tokens, 2}, 'c');
        INDArray l = Nd4j.create(labels, new long[] {objects.size(), tokens}, 'c');
        INDArray m = Nd4j.create(answers, new long[] {n, 1, side4, side4}, 'c')) {
      Map<String, INDArray> inputs = new HashMap<>(Map.of("points", p, "labels", l));
      if (masked) {
        inputs.put("mask", m);
      }
      return train ? prompts.forward(inputs, List.of()) : prompts.infer(inputs);
    }
  }

  /**
   * The way back.
   *
   * @param seeds derivative of the loss with respect to {@code masks} and {@code iou}
   * @param sums takes the gradients of trained weights
   * @return the gradient with respect to the embedding, if it was wanted; valid until the next
   *     forward pass
   */
  Optional<INDArray> backward(Map<String, INDArray> seeds, Gradients sums) {
    Map<String, INDArray> inputs = decoder.backward(seeds, sums);
    Map<String, INDArray> ofPrompts = new HashMap<>(inputs);
    ofPrompts.remove("embedding");
    if (!masked && noMaskTrained) {
      sums.add(NO_MASK, ofPrompts.get("dense").reshape(1, channels));
    }
    if (!masked) {
      ofPrompts.remove("dense");
    }
    if (prompts.isTrained()) {
      prompts.backward(ofPrompts, sums);
    }
    return Optional.ofNullable(inputs.get("embedding"));
  }

  @Override
  public void close() {
    densePe.close();
  }
}

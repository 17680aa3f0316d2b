package io.github.microsam.train;

import io.github.microsam.model.SamModel;
import io.github.microsam.train.step.Parameters;
import io.github.microsam.weights.Adapter;
import io.github.microsam.weights.VitConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Which weights of a model are trained. Stateless. */
public final class ParameterSelection {
  private static final Pattern BLOCK = Pattern.compile("image_encoder\\.blocks\\.(\\d+)\\.(.*)");

  private ParameterSelection() {}

  /**
   * The weights that options choose.
   *
   * @param model that is trained
   * @param options what is trained
   * @return arrays of the model by key, in the order of its graphs
   * @throws TrainingException if no weight is left, or the model is of another kind than the tuning
   *     is for
   */
  public static Map<String, INDArray> of(SamModel model, TrainingOptions options) {
    boolean full = options.tuning() instanceof Tuning.Full;
    if (model.config().encoder() instanceof VitConfig encoder) {
      requireBlocks(options.tuning(), encoder);
    }
    if (!full && !(model.config().encoder() instanceof VitConfig)) {
      throw new TrainingException(
          "%s is for plain vision transformers, but the model is a %s; train it in full or freeze"
                  .formatted(options.tuning(), model.config().encoder().modelType())
              + " its image encoder");
    }
    Map<String, INDArray> chosen = new LinkedHashMap<>();
    Parameters.of(model)
        .forEach(
            (key, array) -> {
              ModelPart part = ModelPart.of(key);
              if (options.frozen().contains(part) || !isUsed(part, options.scheme())) {
                return;
              }
              if (full || part != ModelPart.IMAGE_ENCODER || isTuned(key, options.tuning())) {
                chosen.put(key, array);
              }
            });
    if (chosen.isEmpty()) {
      throw new TrainingException(
          "Nothing is left to train: %s of the model is frozen, tuning is %s"
              .formatted(options.frozen(), options.tuning()));
    }
    return chosen;
  }

  private static boolean isUsed(ModelPart part, Scheme scheme) {
    return switch (part) {
      case IMAGE_ENCODER -> true;
      case PROMPT_ENCODER, MASK_DECODER -> !(scheme instanceof Scheme.Automatic);
      case UNETR_DECODER -> scheme instanceof Scheme.Automatic || scheme instanceof Scheme.Joint;
    };
  }

  private static void requireBlocks(Tuning tuning, VitConfig encoder) {
    List<Integer> missing = blocks(tuning).stream().filter(b -> b >= encoder.depth()).toList();
    if (!missing.isEmpty()) {
      throw new TrainingException(
          "%s names blocks %s, but the model's image encoder has blocks 0 to %d"
              .formatted(tuning, missing, encoder.depth() - 1));
    }
  }

  /** Whether a weight of a vision transformer is trained. */
  private static boolean isTuned(String key, Tuning tuning) {
    Matcher block = BLOCK.matcher(key);
    if (!block.matches() || !inBlocks(blocks(tuning), Integer.parseInt(block.group(1)))) {
      return false;
    }
    String name = block.group(2);
    if (tuning instanceof Tuning.LoRa) {
      return name.contains(".w_a_linear") || name.contains(".w_b_linear");
    } else if (tuning instanceof Tuning.FacT) {
      return name.contains("FacT");
    } else if (tuning instanceof Tuning.ScaleShift) {
      return name.endsWith(".scale") || name.endsWith(".shift");
    } else if (tuning instanceof Tuning.AdaptFormer) {
      return name.contains("down_proj") || name.contains("up_proj") || name.endsWith(".alpha");
    } else if (tuning instanceof Tuning.AttentionOnly) {
      return name.startsWith("attn.");
    } else if (tuning instanceof Tuning.BiasOnly) {
      return name.endsWith(".bias");
    } else if (tuning instanceof Tuning.LayerNormOnly) {
      return name.startsWith("norm");
    }
    return tuning instanceof Tuning.Blocks;
  }

  private static boolean inBlocks(List<Integer> blocks, int block) {
    return blocks.isEmpty() || blocks.contains(block);
  }

  private static List<Integer> blocks(Tuning tuning) {
    if (tuning instanceof Tuning.LoRa t) {
      return t.blocks();
    } else if (tuning instanceof Tuning.FacT t) {
      return t.blocks();
    } else if (tuning instanceof Tuning.ScaleShift t) {
      return t.blocks();
    } else if (tuning instanceof Tuning.AdaptFormer t) {
      return t.blocks();
    } else if (tuning instanceof Tuning.AttentionOnly t) {
      return t.blocks();
    } else if (tuning instanceof Tuning.BiasOnly t) {
      return t.blocks();
    } else if (tuning instanceof Tuning.LayerNormOnly t) {
      return t.blocks();
    } else if (tuning instanceof Tuning.Blocks t) {
      return t.blocks();
    }
    return List.of();
  }

  /**
   * The layers that a tuning adds to an image encoder; {@link SamModel#extended} makes a model with
   * them.
   *
   * @param tuning which weights are trained
   * @param encoder that gets the layers
   * @return the layers; empty if the tuning adds none
   * @throws TrainingException if the encoder has no such block
   */
  public static Optional<Adapter> adapter(Tuning tuning, VitConfig encoder) {
    requireBlocks(tuning, encoder);
    List<Integer> some = blocks(tuning);
    List<Integer> blocks =
        some.isEmpty() ? IntStream.range(0, encoder.depth()).boxed().toList() : some;
    if (tuning instanceof Tuning.LoRa t) {
      return Optional.of(new Adapter.LoRa(t.rank(), t.matrices(), blocks));
    } else if (tuning instanceof Tuning.FacT t) {
      return Optional.of(new Adapter.FacT(t.rank(), blocks));
    } else if (tuning instanceof Tuning.ScaleShift) {
      return Optional.of(new Adapter.ScaleShift(blocks));
    } else if (tuning instanceof Tuning.AdaptFormer t) {
      return Optional.of(new Adapter.AdaptFormer(t.width(), true, blocks));
    }
    return Optional.empty();
  }

  /** Share of values that layers leave out in training. */
  static double dropout(Tuning tuning) {
    return tuning instanceof Tuning.FacT fact ? fact.dropout() : 0;
  }

  /** Factor of the learning rate: LoRA's alpha for what it multiplies. */
  static double rateFactor(String key, Tuning tuning) {
    return tuning instanceof Tuning.LoRa lora && key.contains(".w_b_linear") ? lora.alpha() : 1;
  }
}

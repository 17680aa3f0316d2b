package io.github.microsam.model;

import io.github.microsam.weights.TinyVitConfig;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * MobileSAM's image encoder (mobile_sam/modeling/tiny_vit_sam.py; Wu et al. 2022, Zhang et al.
 * 2023): a convolutional stem, a stage of convolutional blocks, stages of window attention, and
 * SAM's neck.
 *
 * <p>{@link TinyVitConfig#reductions()} tells which steps halve the map. The reference tells it by
 * width: steps to 320, 448 or 576 channels keep the size, others halve it.
 */
public final class TinyVit {
  /** Classes of the head that its checkpoints keep from the pretraining on ImageNet. */
  private static final long CLASSES = 1000;

  private final Scope s;
  private final TinyVitConfig config;
  private final AttentionBiases biases;
  private final TinyVitLayers layers;

  private TinyVit(Scope s, TinyVitConfig config, AttentionBiases biases, TinyVitLayers layers) {
    this.s = s;
    this.config = config;
    this.biases = biases;
    this.layers = layers;
  }

  /**
   * Adds the encoder.
   *
   * @param s where; modules {@code patch_embed}, {@code layers.0} …, {@code neck}
   * @param image {@code [N, 3, S, S]}
   * @param config the architecture
   * @param biases what becomes of the attention biases
   * @param statistics what the batch norms normalise with: {@link BatchStatistics#RUNNING} unless
   *     they are being trained
   * @return {@code [N, outChannels, E, E]}, E being {@link TinyVitConfig#embeddingSize()}
   * @throws IllegalArgumentException if there is no such architecture
   */
  public static SDVariable add(
      Scope s,
      SDVariable image,
      TinyVitConfig config,
      AttentionBiases biases,
      BatchStatistics statistics) {
    check(config);
    return new TinyVit(s, config, biases, new TinyVitLayers(statistics)).add(image);
  }

  /**
   * The tensors of the encoder's checkpoints that are not in the graph: the classification head of
   * its pretraining and the counters of the batch norms.
   *
   * @param config the architecture
   * @param module path of the encoder, {@code image_encoder} in a model
   * @return the tensors
   */
  static List<CarriedTensor> carried(TinyVitConfig config, String module) {
    List<CarriedTensor> carried = new ArrayList<>();
    norms(config).forEach(norm -> carried.add(CarriedTensor.batchCounter(module + "." + norm)));
    long width = config.widths().get(config.widths().size() - 1);
    carried.add(head(module + ".norm_head.weight", Init.ONES, List.of(width)));
    carried.add(head(module + ".norm_head.bias", Init.ZEROS, List.of(width)));
    Init weight = Init.truncatedNormal(0.02);
    carried.add(head(module + ".head.weight", weight, List.of(CLASSES, width)));
    carried.add(head(module + ".head.bias", Init.ZEROS, List.of(CLASSES)));
    return carried;
  }

  private static CarriedTensor head(String key, Init init, List<Long> shape) {
    return new CarriedTensor(key, DataType.FLOAT, init, shape);
  }

  /** Paths of the batch norms within the encoder. */
  private static List<String> norms(TinyVitConfig config) {
    List<String> norms = new ArrayList<>(List.of("patch_embed.seq.0.bn", "patch_embed.seq.2.bn"));
    for (int stage = 0; stage < config.widths().size(); stage++) {
      for (int block = 0; block < config.depths().get(stage); block++) {
        String path = "layers." + stage + ".blocks." + block;
        if (stage == 0) {
          norms.addAll(three(path));
        } else {
          norms.add(path + ".local_conv.bn");
        }
      }
      if (stage < config.widths().size() - 1) {
        norms.addAll(three("layers." + stage + ".downsample"));
      }
    }
    return norms;
  }

  private static List<String> three(String path) {
    return List.of(path + ".conv1.bn", path + ".conv2.bn", path + ".conv3.bn");
  }

  private static void check(TinyVitConfig config) {
    int stages = config.widths().size();
    if (stages < 3
        || config.depths().size() != stages
        || config.heads().size() != stages
        || config.windows().size() != stages
        || config.reductions().size() != stages) {
      throw new IllegalArgumentException(
          config
              + ": widths, depths, heads, windows and reductions need one entry a stage, three or"
              + " more");
    }
    for (int stage = 0; stage < stages; stage++) {
      int reduction = config.reductions().get(stage);
      if (reduction != 2 && reduction != (stage == 0 ? 4 : 1)) {
        throw new IllegalArgumentException(
            config + ": the stem reduces by 2 or 4, the later steps by 1 or 2");
      }
    }
    if (config.imageSize() < config.stride() || config.imageSize() % config.stride() != 0) {
      throw new IllegalArgumentException(
          config + ": the image size must be a multiple of " + config.stride());
    }
    for (int stage = 1; stage < stages; stage++) {
      if (config.widths().get(stage) % config.heads().get(stage) != 0) {
        throw new IllegalArgumentException(
            config + ": the width of stage " + stage + " is no multiple of its heads");
      }
    }
  }

  private SDVariable add(SDVariable image) {
    int mark = s.regions().mark();
    SDVariable x = stem(s.at("patch_embed"), image);
    int last = config.widths().size() - 1;
    int size = config.imageSize() / config.reductions().get(0);
    Scope first = s.at("layers").at(0);
    for (int i = 0; i < config.depths().get(0); i++) {
      x = MbConv.add(first.at("blocks").at(i), x, width(0), layers);
    }
    for (int stage = 1; stage <= last; stage++) {
      Scope before = s.at("layers").at(stage - 1);
      int stride = config.reductions().get(stage);
      x =
          PatchMerging.add(
              before.at("downsample"), x, width(stage - 1), width(stage), stride, layers);
      size /= stride;
      x = blocks(s.at("layers").at(stage), x, stage, size);
    }
    SDVariable embedding = Neck.add(s.at("neck"), x, width(last), config.outChannels());
    s.regions().group(mark, embedding);
    return s.output(embedding);
  }

  private SDVariable stem(Scope at, SDVariable image) {
    int half = width(0) / 2;
    SDVariable x = layers.convolution(at.at("seq.0"), image, 3, half, 2);
    int stride = config.reductions().get(0) / 2;
    return at.output(layers.convolution(at.at("seq.2"), Gelu.add(at, x), half, width(0), stride));
  }

  /** The blocks of a stage of attention, on a map {@code [N, width, size, size]}. */
  private SDVariable blocks(Scope at, SDVariable map, int stage, int size) {
    TinyVitAttention attention =
        new TinyVitAttention(
            width(stage), config.heads().get(stage), config.windows().get(stage), biases, layers);
    TinyVitBlock block = new TinyVitBlock(size, attention);
    SDVariable x = Declared.channelsLast(s, map);
    for (int i = 0; i < config.depths().get(stage); i++) {
      x = block.add(at.at("blocks").at(i), x);
    }
    return Declared.channelsFirst(s, x);
  }

  private int width(int stage) {
    return config.widths().get(stage);
  }
}

package io.github.microsam.model;

import io.github.microsam.weights.EncoderConfig;
import io.github.microsam.weights.UnetrConfig;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * The decoder of micro-sam's automatic instance segmentation: from an image embedding to maps of
 * the input's size (torch_em/model/unetr.py: UNETR without skip connections; Hatamizadeh et al.
 * 2022).
 *
 * <p>A U-Net's expanding path {@code base}, {@code decoder}, {@code deconv_out}, {@code
 * decoder_head}, {@code out_conv} doubles the embedding level by level. In place of skip
 * connections a second branch {@code deconv1}, {@code deconv2}, … doubles it beside; each level is
 * given the middle half of that branch's channels.
 *
 * <p>torch_em always makes four levels. Other numbers follow its pattern: {@code n} levels have
 * {@code deconv1} to {@code deconvN}, {@code n - 1} samplers and blocks in {@code decoder}, and
 * {@code initialFeatures · 2^(n - 1)} channels at the coarsest.
 *
 * <p>Instance norms take their statistics over the whole map, so the padding of an image that is
 * not square takes part in them, as in the reference.
 */
public final class UnetrDecoder {
  /** Name of the placeholder, {@code [N, channels, size, size]}. */
  public static final String EMBEDDING = "embedding";

  /**
   * Name of the output, {@code [N, outChannels, S, S]} with {@code S = size · 2^upsamplings} and
   * values between 0 and 1. What goes into the sigmoid is called {@code out_conv}.
   */
  public static final String MAPS = "maps";

  private final Scope s;
  private final UnetrConfig config;
  private final long channels;
  private final long size;
  private final BatchStatistics statistics;

  private UnetrDecoder(
      Scope s, UnetrConfig config, long channels, long size, BatchStatistics statistics) {
    this.s = s;
    this.config = config;
    this.channels = channels;
    this.size = size;
    this.statistics = statistics;
  }

  /**
   * Makes a graph in single precision from {@link #EMBEDDING} to {@link #MAPS}.
   *
   * @param config architecture of the decoder
   * @param encoder gives the embedding's channels and size
   * @param statistics what the batch norms normalise with; {@link BatchStatistics#BATCH} is how the
   *     published models are run
   * @param weights gives the arrays; keys are those of micro-sam's {@code decoder_state}
   * @return the graph
   * @throws IllegalArgumentException if there is no such architecture
   */
  public static SameDiff build(
      UnetrConfig config, EncoderConfig encoder, BatchStatistics statistics, WeightSource weights) {
    return network(config, encoder, statistics, weights).graph();
  }

  /** The graph, and what its layers declare for kernels. */
  static Network network(
      UnetrConfig config, EncoderConfig encoder, BatchStatistics statistics, WeightSource weights) {
    Scope s = Scope.root(weights);
    int channels = encoder.outChannels();
    int size = encoder.embeddingSize();
    SDVariable embedding = s.sd().placeHolder(EMBEDDING, s.dataType(), -1, channels, size, size);
    add(s, embedding, config, channels, size, statistics);
    return new Network(s.sd(), s.regions());
  }

  /**
   * Adds the decoder to a graph.
   *
   * @param s where
   * @param embedding {@code [N, channels, size, size]}
   * @param config architecture of the decoder
   * @param channels channels of the embedding
   * @param size side of the embedding
   * @param statistics what the batch norms normalise with
   * @return the maps {@code [N, outChannels, S, S]}, named {@link #MAPS} in the scope
   * @throws IllegalArgumentException if there is no such architecture
   */
  public static SDVariable add(
      Scope s,
      SDVariable embedding,
      UnetrConfig config,
      long channels,
      long size,
      BatchStatistics statistics) {
    check(config, size);
    int mark = s.regions().mark();
    SDVariable maps = new UnetrDecoder(s, config, channels, size, statistics).add(embedding);
    s.regions().group(mark, maps);
    return maps;
  }

  /**
   * The tensors of the decoder's checkpoints that are not in the graph.
   *
   * @param config architecture of the decoder
   * @return the counters of the batch norms
   */
  public static List<CarriedTensor> carried(UnetrConfig config) {
    List<CarriedTensor> counters = new ArrayList<>();
    for (int level = 1; level <= config.upsamplings(); level++) {
      counters.add(CarriedTensor.batchCounter("deconv" + level + ".block.2"));
    }
    return counters;
  }

  private static void check(UnetrConfig config, long size) {
    if (size < 2) {
      throw new IllegalArgumentException(
          "an embedding of one cell has no variance to normalise with; use larger images");
    }
    if (config.upsamplings() < 1 || config.outChannels() < 1) {
      throw new IllegalArgumentException(
          config + ": a decoder needs at least one upsampling and one output channel");
    }
    if (config.initialFeatures() < 1
        || (config.upsamplings() > 1 && config.initialFeatures() % 2 != 0)) {
      throw new IllegalArgumentException(
          config
              + ": initialFeatures must be positive and even, because each level is given the"
              + " middle half of the channels of the branch beside it");
    }
  }

  private SDVariable add(SDVariable embedding) {
    int levels = config.upsamplings();
    List<SDVariable> beside = new ArrayList<>();
    SDVariable z = embedding;
    for (int level = 1; level <= levels; level++) {
      z = deconv(level, z);
      beside.add(z);
    }
    SDVariable x = ConvBlock2d.add(s.at("base"), embedding, channels, features(1), size);
    for (int level = 1; level < levels; level++) {
      x = decode(level, x, beside.get(level - 1));
    }
    long finest = features(levels);
    SDVariable doubled = upsample(s.at("deconv_out"), x, finest, finest, levels - 1);
    SDVariable both = Declared.concatenation(s, doubled, beside.get(levels - 1));
    SDVariable head =
        ConvBlock2d.add(s.at("decoder_head"), both, 2 * finest, finest, size << levels);
    SDVariable logits =
        Conv2d.add(s.at("out_conv"), head, finest, config.outChannels(), 1, 1, 0, true);
    return Declared.sigmoid(s, logits).rename(s.key(MAPS));
  }

  /** A step of the branch beside: from the level before to this one, which is twice as fine. */
  private SDVariable deconv(int level, SDVariable x) {
    long in = level == 1 ? channels : features(level - 1);
    return Deconv2dBlock.add(
        s.at("deconv" + level),
        x,
        in,
        features(level),
        size << (level - 1),
        config.transposed(),
        statistics);
  }

  /** A step of the expanding path, with half of what the branch beside has at this level. */
  private SDVariable decode(int level, SDVariable x, SDVariable beside) {
    Scope decoder = s.at("decoder");
    long in = features(level);
    long out = features(level + 1);
    SDVariable doubled = upsample(decoder.at("samplers").at(level - 1), x, in, out, level - 1);
    // The reference crops all axes of the skip to the shape of x, the channels among them.
    SDVariable cropped = Declared.channels(s, beside, (in - out) / 2, (in - out) / 2 + out);
    SDVariable both = Declared.concatenation(s, doubled, cropped);
    return ConvBlock2d.add(decoder.at("blocks").at(level - 1), both, 2 * out, out, size << level);
  }

  private SDVariable upsample(Scope at, SDVariable x, long in, long out, int level) {
    return Upsampler2d.add(at, x, in, out, size << level, config.transposed());
  }

  /** Channels of the branch beside at a level, 1 for the coarsest. */
  private long features(int level) {
    return (long) config.initialFeatures() << (config.upsamplings() - level);
  }
}

package io.github.microsam.model;

import io.github.microsam.engine.Regions;
import io.github.microsam.model.TwoWayAttentionBlock.Tokens;
import io.github.microsam.weights.EncoderConfig;
import io.github.microsam.weights.MaskDecoderConfig;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDIndex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.factory.Nd4j;

/**
 * SAM's mask decoder (segment_anything/modeling/mask_decoder.py): embedding and encoded prompts to
 * masks. C are the channels of the embedding, E is its side, N the number of prompts and M that of
 * the candidate masks for an ambiguous prompt.
 */
public final class MaskDecoder {
  private final Scope scope;
  private final MaskDecoderConfig config;
  private final long channels;
  private final long side;

  private MaskDecoder(Scope scope, EncoderConfig encoder, MaskDecoderConfig config) {
    this.scope = scope;
    this.config = config;
    channels = encoder.outChannels();
    side = encoder.embeddingSize();
  }

  /**
   * What the decoder predicts. Mask 0 is the single mask, masks 1 … M are the candidates.
   *
   * @param masks {@code [N, M + 1, 4E, 4E]}: logits at low resolution
   * @param iou {@code [N, M + 1]}: how well each mask is expected to fit, as intersection over
   *     union
   */
  public record Masks(SDVariable masks, SDVariable iou) {}

  /**
   * A graph of its own. Placeholders: {@code embedding [1 or N, C, E, E]}, {@code dense [1 or N, C,
   * E, E]} or {@code [1, C, 1, 1]}, {@code dense_pe [1, C, E, E]}, {@code sparse [N, T, C]};
   * outputs: {@code masks} and {@code iou} of {@link Masks}.
   *
   * @param encoder the image encoder's architecture
   * @param config the decoder's architecture
   * @param weights gives the arrays of the weights
   * @return the graph
   */
  public static SameDiff build(
      EncoderConfig encoder, MaskDecoderConfig config, WeightSource weights) {
    return network(encoder, config, weights).graph();
  }

  /** The graph, and what its layers declare for kernels. */
  static Network network(EncoderConfig encoder, MaskDecoderConfig config, WeightSource weights) {
    Scope root = Scope.root(weights);
    SameDiff sd = root.sd();
    long channels = encoder.outChannels();
    long side = encoder.embeddingSize();
    SDVariable embedding = sd.placeHolder("embedding", root.dataType(), -1, channels, side, side);
    SDVariable dense = sd.placeHolder("dense", root.dataType(), -1, channels, -1, -1);
    SDVariable densePe = sd.placeHolder("dense_pe", root.dataType(), 1, channels, side, side);
    SDVariable sparse = sd.placeHolder("sparse", root.dataType(), -1, -1, channels);
    Masks masks = add(root.at("mask_decoder"), encoder, config, embedding, dense, densePe, sparse);
    masks.masks().rename("masks");
    masks.iou().rename("iou");
    return new Network(sd, root.regions());
  }

  /**
   * Adds the mask decoder to a graph.
   *
   * @param s where, usually at {@code mask_decoder}
   * @param encoder the image encoder's architecture
   * @param config the decoder's architecture
   * @param embedding {@code [1 or N, C, E, E]}: with one, all prompts are for the same image
   * @param dense {@code [1 or N, C, E, E]} or {@code [1, C, 1, 1]}: encoded mask prompts
   * @param densePe {@code [1, C, E, E]}: positional encoding of the embedding's cells
   * @param sparse {@code [N, T, C]}: encoded points and boxes
   * @return masks and their predicted quality
   */
  public static Masks add(
      Scope s,
      EncoderConfig encoder,
      MaskDecoderConfig config,
      SDVariable embedding,
      SDVariable dense,
      SDVariable densePe,
      SDVariable sparse) {
    return new MaskDecoder(s, encoder, config).add(embedding.add(dense), densePe, sparse);
  }

  private Masks add(SDVariable image, SDVariable imagePe, SDVariable sparse) {
    TwoWayTransformer transformer =
        new TwoWayTransformer(channels, config.depth(), config.heads(), config.mlpWidth());
    Tokens tokens =
        transformer.add(
            scope.at("transformer"),
            toTokens(image),
            toTokens(imagePe),
            scope.sd().concat(1, outputTokens(sparse), sparse));
    SDVariable iou =
        Mlp.add(
            scope.at("iou_prediction_head"),
            token(tokens, 0),
            channels,
            config.iouHeadWidth(),
            masks(),
            config.iouHeadDepth());
    return new Masks(masks(tokens), scope.sd().reshape(iou, -1, masks()));
  }

  /** Single mask and candidates. */
  private int masks() {
    return config.multimaskOutputs() + 1;
  }

  /**
   * The tokens that ask for the IoU and for each mask, for each prompt: {@code [N, 1 + masks, C]}.
   */
  private SDVariable outputTokens(SDVariable sparse) {
    SameDiff sd = scope.sd();
    SDVariable iou = scope.at("iou_token").parameter("weight", Init.NORMAL, 1, channels);
    SDVariable masks = scope.at("mask_tokens").parameter("weight", Init.NORMAL, masks(), channels);
    SDVariable count = sd.shape(sparse).get(SDIndex.interval(0, 1));
    SDVariable shape = sd.concat(0, count, sd.constant(Nd4j.createFromArray(1L, 1L)));
    // The repetition is a product with ones, which has a gradient.
    return sd.fill(shape, scope.dataType(), 1).mul(sd.concat(0, iou, masks));
  }

  /** The product of each mask token, seen through its own MLP, with the upscaled embedding. */
  private SDVariable masks(Tokens tokens) {
    SameDiff sd = scope.sd();
    SDVariable[] filters = new SDVariable[masks()];
    for (int i = 0; i < filters.length; i++) {
      Scope hypernetwork = scope.at("output_hypernetworks_mlps").at(i);
      filters[i] = Mlp.add(hypernetwork, token(tokens, 1 + i), channels, channels, channels / 8, 3);
    }
    SDVariable all = sd.concat(1, filters);
    int mark = scope.regions().mark();
    SDVariable map = sd.reshape(sd.permute(tokens.keys(), 0, 2, 1), -1, channels, side, side);
    scope.regions().add(Regions.TOKENS_AS_MAP, Map.of("side", side), List.of(tokens.keys()), map);
    SDVariable upscaled = OutputUpscaling.add(scope.at("output_upscaling"), map, channels);
    SDVariable pixels = sd.reshape(upscaled, -1, channels / 8, 16 * side * side);
    SDVariable products = sd.mmul(all, pixels);
    SDVariable masks = sd.reshape(products, -1, masks(), 4 * side, 4 * side);
    scope.regions().add(Regions.FILTERED, Map.of(), List.of(all, upscaled), masks);
    scope.regions().groupOneByOne(mark, masks);
    return masks;
  }

  /** One of each prompt's tokens: {@code [N, 1, C]}. */
  private static SDVariable token(Tokens tokens, int index) {
    return tokens.queries().get(SDIndex.all(), SDIndex.interval(index, index + 1), SDIndex.all());
  }

  /** {@code [B, C, E, E]} to {@code [B, E E, C]}. */
  private SDVariable toTokens(SDVariable map) {
    SameDiff sd = scope.sd();
    return sd.permute(sd.reshape(map, -1, channels, side * side), 0, 2, 1);
  }
}

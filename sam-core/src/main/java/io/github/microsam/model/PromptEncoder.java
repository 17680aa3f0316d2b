package io.github.microsam.model;

import io.github.microsam.weights.EncoderConfig;
import io.github.microsam.weights.MaskDecoderConfig;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * SAM's prompt encoder (segment_anything/modeling/prompt_encoder.py): turns points, boxes and masks
 * into what the mask decoder takes. C are the channels of the embedding and E is its side.
 *
 * <p>Points and boxes are one list of labelled points, so that one graph serves any mixture: label
 * {@value #PADDING} is a padding point, {@value #NEGATIVE} lies outside the object, {@value
 * #POSITIVE} inside it, {@value #BOX_FIRST} and {@value #BOX_SECOND} are a box's corners of least
 * and of greatest x and y. The reference's order is: points, then one padding point if there is no
 * box, then the corners.
 *
 * <p>An instance is a prompt encoder that is part of some graph; it is no safer to share between
 * threads than that graph.
 */
public final class PromptEncoder {
  /** Label of a point that only fills a place; where it lies does not matter. */
  public static final int PADDING = -1;

  /** Label of a point outside the object. */
  public static final int NEGATIVE = 0;

  /** Label of a point inside the object. */
  public static final int POSITIVE = 1;

  /** Label of a box's corner of least x and y. */
  public static final int BOX_FIRST = 2;

  /** Label of a box's corner of greatest x and y. */
  public static final int BOX_SECOND = 3;

  private final Scope scope;
  private final EncoderConfig encoder;
  private final MaskDecoderConfig decoder;
  private final PositionalEncoding positions;

  private PromptEncoder(Scope scope, EncoderConfig encoder, MaskDecoderConfig decoder) {
    this.scope = scope;
    this.encoder = encoder;
    this.decoder = decoder;
    positions = PositionalEncoding.create(scope.at("pe_layer"), encoder.outChannels());
  }

  /**
   * A graph of its own. Placeholders: {@code points [N, P, 2]}, {@code labels [N, P]}, {@code mask
   * [N, 1, 4E, 4E]}; outputs: {@code sparse}, {@code dense}, {@code no_mask}, {@code dense_pe}, as
   * the methods of this class describe them. An output needs only the placeholders that it is
   * computed from.
   *
   * @param encoder the image encoder's architecture
   * @param decoder the architecture of prompt encoder and mask decoder
   * @param weights gives the arrays of the weights
   * @return the graph
   */
  public static SameDiff build(
      EncoderConfig encoder, MaskDecoderConfig decoder, WeightSource weights) {
    return network(encoder, decoder, weights).graph();
  }

  /** The graph, and what its layers declare for kernels. */
  static Network network(EncoderConfig encoder, MaskDecoderConfig decoder, WeightSource weights) {
    Scope root = Scope.root(weights);
    SameDiff sd = root.sd();
    PromptEncoder prompts = create(root.at("prompt_encoder"), encoder, decoder);
    SDVariable points = sd.placeHolder("points", root.dataType(), -1, -1, 2);
    SDVariable labels = sd.placeHolder("labels", root.dataType(), -1, -1);
    long side = 4L * encoder.embeddingSize();
    SDVariable mask = sd.placeHolder("mask", root.dataType(), -1, 1, side, side);
    prompts.sparse(points, labels).rename("sparse");
    prompts.dense(mask).rename("dense");
    prompts.noMask().rename("no_mask");
    prompts.densePe().rename("dense_pe");
    return new Network(sd, root.regions());
  }

  /**
   * Begins to add the prompt encoder to a graph; each method may be called once.
   *
   * @param s where, usually at {@code prompt_encoder}
   * @param encoder the image encoder's architecture
   * @param decoder the architecture of prompt encoder and mask decoder
   * @return a prompt encoder in that graph
   */
  public static PromptEncoder create(Scope s, EncoderConfig encoder, MaskDecoderConfig decoder) {
    return new PromptEncoder(s, encoder, decoder);
  }

  /**
   * Encodes labelled points.
   *
   * @param points {@code [N, P, 2]}: x and y in pixels of the encoder's input, before half a pixel
   *     is added
   * @param labels {@code [N, P]}: the labels of this class, in the graph's floating type
   * @return {@code [N, P, C]}: one token a point
   */
  public SDVariable sparse(SDVariable points, SDVariable labels) {
    SameDiff sd = scope.sd();
    long channels = encoder.outChannels();
    SDVariable places = sd.reshape(points, -1, 2).add(0.5).div(encoder.imageSize());
    SDVariable encoded = Shapes.keepLeading(positions.encode(places), points, 2, channels);
    SDVariable label = sd.expandDims(labels, 2);
    SDVariable tokens = encoded.mul(is(label, PADDING).rsub(1));
    tokens = tokens.add(is(label, PADDING).mul(embedding("not_a_point_embed")));
    for (int kind = NEGATIVE; kind <= BOX_SECOND; kind++) {
      tokens = tokens.add(is(label, kind).mul(embedding("point_embeddings." + kind)));
    }
    return tokens;
  }

  /**
   * Encodes mask prompts.
   *
   * @param mask {@code [N, 1, 4E, 4E]}: logits, as the mask decoder gives them
   * @return {@code [N, C, E, E]}: what is added to the embedding
   */
  public SDVariable dense(SDVariable mask) {
    return MaskDownscaling.add(
        scope.at("mask_downscaling"), mask, decoder.maskChannels(), encoder.outChannels());
  }

  /**
   * What takes the place of {@link #dense} where there is no mask prompt.
   *
   * @return {@code [1, C, 1, 1]}
   */
  public SDVariable noMask() {
    return scope.sd().reshape(embedding("no_mask_embed"), 1, encoder.outChannels(), 1, 1);
  }

  /**
   * The encoded places of the embedding's cells, measured at their centres.
   *
   * @return {@code [1, C, E, E]}
   */
  public SDVariable densePe() {
    int side = encoder.embeddingSize();
    double[][] centres = new double[side * side][];
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        centres[y * side + x] = new double[] {(x + 0.5) / side, (y + 0.5) / side};
      }
    }
    SameDiff sd = scope.sd();
    SDVariable cells = scope.constant("cells", Nd4j.createFromArray(centres));
    SDVariable encoded = sd.permute(positions.encode(cells), 1, 0);
    return sd.reshape(encoded, 1, encoder.outChannels(), side, side);
  }

  private SDVariable embedding(String module) {
    return scope.at(module).parameter("weight", Init.NORMAL, 1, encoder.outChannels());
  }

  /** One where the label is of this kind, zero elsewhere. */
  private SDVariable is(SDVariable label, int kind) {
    DataType type = scope.dataType();
    return label.eq(kind).castTo(type);
  }
}

package io.github.microsam.weights;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The weights of a Segment Anything model under one set of keys, whatever the layout of the file.
 *
 * <pre>{@code
 * try (SamWeights weights = SamWeights.open(Path.of("vit_b_lm.pt"), Path.of("vit_b_lm_decoder.pt"))) {
 *   SamConfig config = weights.config();
 *   float[] positions = weights.tensor("image_encoder.pos_embed").toFloats();
 * }
 * }</pre>
 *
 * The keys are those of segment-anything's state dict, {@code image_encoder.…}, {@code
 * prompt_encoder.…} and {@code mask_decoder.…}, and for the decoder for automatic segmentation
 * those of micro-sam's {@code decoder_state}: {@code base.…}, {@code deconv1.…}, {@code decoder.…},
 * {@code deconv_out.…}, {@code decoder_head.…}, {@code out_conv.…}. Everything else in a file, such
 * as the state of an optimizer, is left out.
 *
 * <p>Immutable and safe for use by several threads. Tensors can be read until the weights are
 * closed.
 */
public final class SamWeights implements AutoCloseable {
  /** Key of the architecture in the metadata of safetensors files. */
  static final String CONFIG_METADATA = "microsam.config";

  private final Map<String, Tensor> tensors;
  private final Layout layout;
  private final AdapterReading adapters;
  private final ModelParts parts;
  private final Map<String, String> metadata;
  private final List<Checkpoint> owned;

  private SamWeights(
      Map<String, Tensor> tensors,
      Layout layout,
      ModelParts known,
      Map<String, String> metadata,
      List<Checkpoint> owned) {
    this.tensors = Collections.unmodifiableMap(tensors);
    this.layout = layout;
    this.metadata = Map.copyOf(metadata);
    this.owned = owned;
    adapters = new AdapterReading(tensors);
    parts = ShapeReading.read(adapters.plain(), known);
  }

  /**
   * Opens a checkpoint in any format and layout.
   *
   * @param file the checkpoint
   * @return its weights, to be closed by the caller
   * @throws CheckpointException if the file cannot be read or holds no weights of such a model
   */
  public static SamWeights open(Path file) {
    return open(List.of(file));
  }

  /**
   * Opens a model whose decoder for automatic segmentation is in a file of its own, as published
   * models have it.
   *
   * @param file a checkpoint
   * @param decoder another one, whose decoder replaces that of the first, if there is one
   * @return the weights of both, to be closed by the caller
   * @throws CheckpointException if a file cannot be read, or has not the weights it should have
   */
  public static SamWeights open(Path file, Path decoder) {
    return open(List.of(file, decoder));
  }

  private static SamWeights open(List<Path> files) {
    List<Checkpoint> opened = new ArrayList<>();
    try {
      SamWeights weights = null;
      for (Path file : files) {
        Checkpoint checkpoint = CheckpointReader.open(file);
        opened.add(checkpoint);
        SamWeights next = named(file, checkpoint);
        weights = weights == null ? next : weights.withDecoderOf(next);
      }
      return new SamWeights(
          weights.tensors, weights.layout, weights.parts, weights.metadata, List.copyOf(opened));
    } catch (RuntimeException e) {
      opened.forEach(Checkpoint::close);
      throw e;
    }
  }

  private static SamWeights named(Path file, Checkpoint checkpoint) {
    try {
      return of(checkpoint);
    } catch (CheckpointException e) {
      throw new CheckpointException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * The weights in a checkpoint that stays the caller's.
   *
   * @param checkpoint an open checkpoint in any layout
   * @return its weights; closing them does nothing
   * @throws CheckpointException if there are no weights of such a model
   */
  public static SamWeights of(Checkpoint checkpoint) {
    return of(checkpoint.tensors(), checkpoint.metadata());
  }

  /**
   * The weights among tensors in any layout.
   *
   * @param tensors tensors by name, as {@link Checkpoint#tensors()} has them
   * @param metadata texts that may hold an architecture, as {@link Checkpoint#metadata()}
   * @return the weights; closing them does nothing
   * @throws CheckpointException if there are no weights of such a model
   */
  public static SamWeights of(Map<String, Tensor> tensors, Map<String, String> metadata) {
    LayoutReader.Reading reading = LayoutReader.read(tensors);
    String config = metadata.get(CONFIG_METADATA);
    ModelParts known = config == null ? ModelParts.NONE : ModelParts.fromJson(config);
    return new SamWeights(reading.tensors(), reading.layout(), known, metadata, List.of());
  }

  /**
   * The weights of a model whose architecture is known.
   *
   * @param tensors tensors by canonical key
   * @param config the architecture
   * @return the weights, without metadata
   */
  public static SamWeights of(Map<String, Tensor> tensors, SamConfig config) {
    return of(tensors, config, Map.of());
  }

  /**
   * The weights of a model whose architecture is known.
   *
   * @param tensors tensors by canonical key
   * @param config the architecture
   * @param metadata texts for the header of a file, such as {@link Checkpoint#metadata()} has
   * @return the weights
   */
  public static SamWeights of(
      Map<String, Tensor> tensors, SamConfig config, Map<String, String> metadata) {
    ModelParts known =
        new ModelParts(
            Optional.of(config.encoder()), Optional.of(config.maskDecoder()), config.unetr());
    return new SamWeights(new LinkedHashMap<>(tensors), Layout.FLAT, known, metadata, List.of());
  }

  /**
   * These weights with the decoder for automatic segmentation of others.
   *
   * @param other weights with such a decoder; they have to stay open
   * @return the weights of both; closing them does nothing
   * @throws CheckpointException if the other weights have no such decoder, or it takes another
   *     embedding than these make
   */
  public SamWeights withDecoderOf(SamWeights other) {
    Map<String, Tensor> both = new LinkedHashMap<>(tensors);
    both.keySet().removeIf(LayoutReader::isUnetrDecoder);
    int own = both.size();
    other.tensors.forEach(
        (key, tensor) -> {
          if (LayoutReader.isUnetrDecoder(key)) {
            both.put(key, tensor);
          }
        });
    if (both.size() == own) {
      throw new CheckpointException(
          "The second checkpoint is a "
              + other.layout.description()
              + " without a decoder for automatic segmentation; name one that has it");
    }
    Optional<Integer> made = parts.encoder().map(EncoderConfig::outChannels);
    if (made.isPresent() && !made.equals(other.unetrInput())) {
      throw new CheckpointException(
          "The decoder does not belong to this model: it takes embeddings of "
              + other.unetrInput().map(Object::toString).orElse("an unknown number of")
              + " channels, the image encoder makes "
              + made.get());
    }
    ModelParts known = new ModelParts(parts.encoder(), parts.maskDecoder(), other.parts.unetr());
    return new SamWeights(
        both, own == 0 ? Layout.DECODER : Layout.FLAT, known, metadata, List.of());
  }

  /**
   * These weights with other texts for the header of a file.
   *
   * @param texts by key, instead of those that are there
   * @return the weights, over the same open files; closing them does nothing
   */
  public SamWeights withMetadata(Map<String, String> texts) {
    return new SamWeights(tensors, layout, parts, texts, List.of());
  }

  /**
   * The layout that the weights were found in.
   *
   * @return the layout; {@link Layout#FLAT} for weights from two files
   */
  public Layout layout() {
    return layout;
  }

  /**
   * Texts of the file's header: of safetensors files, and of the first of two files.
   *
   * @return texts by key, unmodifiable; empty if the format has none
   */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * All tensors.
   *
   * @return tensors by canonical key, in the file's order, unmodifiable; parameter-efficient layers
   *     keep the keys that micro-sam gives them
   */
  public Map<String, Tensor> tensors() {
    return tensors;
  }

  /**
   * One tensor.
   *
   * @param key canonical key
   * @return the tensor
   * @throws CheckpointException if there is none
   */
  public Tensor tensor(String key) {
    Tensor tensor = tensors.get(key);
    if (tensor == null) {
      throw new CheckpointException(
          key + " is not in this checkpoint, a " + layout.description() + " of " + modelType());
    }
    return tensor;
  }

  /**
   * The name of the architecture.
   *
   * @return {@link ModelParts#modelType()}
   */
  public String modelType() {
    return parts.modelType();
  }

  /**
   * The architecture of the parts that are there, told from the shapes. What shapes do not tell
   * (the image size of a TinyViT, the heads of the mask decoder) comes from the file's metadata, or
   * is what published models have.
   *
   * @return the parts
   */
  public ModelParts parts() {
    return parts;
  }

  /**
   * The architecture of the whole model.
   *
   * @return the configuration
   * @throws CheckpointException if the image encoder or the mask decoder is missing
   */
  public SamConfig config() {
    return parts.toSamConfig();
  }

  /**
   * The parameter-efficient layers among the weights.
   *
   * @return their description; empty if all weights are plain
   */
  public Optional<Adapter> adapter() {
    return adapters.adapter();
  }

  /**
   * These weights with parameter-efficient layers merged into the weights that they adapt. Merged
   * tensors are computed in double precision when they are read, one at a time.
   *
   * @return plain weights, over the same open files; closing them does nothing
   * @throws CheckpointException if the layers cannot be merged, with the reason
   */
  public SamWeights merged() {
    return new SamWeights(AdapterMerger.merge(adapters), layout, parts, metadata, List.of());
  }

  /**
   * Makes sure that all tensors of the parts that are there are there, of the right shapes, and no
   * others. Parameter-efficient layers and the unused classifier of MobileSAM may be there or not.
   *
   * @throws CheckpointException with all missing and extra keys and wrong shapes
   */
  public void requireComplete() {
    String differences =
        KeyCheck.differences(ExpectedShapes.of(parts, embeddingWidth()), adapters.plain());
    if (!differences.isEmpty()) {
      throw new CheckpointException(
          "The tensors do not make up a " + modelType() + ": " + differences);
    }
  }

  /**
   * Channels of the embedding: what the encoder makes, or what the decoders that are there take.
   */
  private int embeddingWidth() {
    return parts
        .encoder()
        .map(EncoderConfig::outChannels)
        .or(() -> secondAxis("mask_decoder.iou_token.weight"))
        .or(this::unetrInput)
        .orElse(0);
  }

  private Optional<Integer> unetrInput() {
    return secondAxis("base.block.1.weight");
  }

  private Optional<Integer> secondAxis(String key) {
    Tensor tensor = tensors.get(key);
    return tensor != null && tensor.shape().length > 1
        ? Optional.of((int) tensor.shape()[1])
        : Optional.empty();
  }

  /**
   * Reads everything to find weights that are not finite numbers.
   *
   * @return keys of the tensors with elements that are NaN or infinite
   */
  public List<String> nonFinite() {
    return FiniteCheck.nonFinite(tensors.values());
  }

  /** Closes the files that {@link #open} opened. */
  @Override
  public void close() {
    owned.forEach(Checkpoint::close);
  }
}

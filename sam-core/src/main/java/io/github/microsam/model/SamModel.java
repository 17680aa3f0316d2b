package io.github.microsam.model;

import io.github.microsam.engine.Engine;
import io.github.microsam.weights.Adapter;
import io.github.microsam.weights.CheckpointException;
import io.github.microsam.weights.Conversion;
import io.github.microsam.weights.ModelCache;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.SamWeights;
import io.github.microsam.weights.Tensor;
import io.github.microsam.weights.TinyVitConfig;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.download.DownloadListener;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A Segment Anything model: its architecture, its weights, and its networks as SameDiff graphs.
 *
 * <pre>{@code
 * try (SamModel model = SamModel.byName("vit_b_lm")) {
 *   SamPredictor predictor = new SamPredictor(model);
 *   …
 * }
 * }</pre>
 *
 * <p>Owns native memory: the weights, and what the {@linkplain Engine engines} need; {@link
 * #close()} frees both. Threads may share a model and its engines. The graphs themselves ({@link
 * Engine#graph()}), for those who extend or train them, are SameDiff's and are for one thread at a
 * time.
 */
public final class SamModel implements AutoCloseable {
  /** Key in the metadata of the name that a published model has. */
  public static final String NAME = "microsam.name";

  /** Key in the metadata of a few words that say what the model is for. */
  public static final String PURPOSE = "microsam.purpose";

  /** Key in the metadata of the licence of the weights, as SPDX abbreviates it. */
  public static final String LICENCE = "microsam.licence";

  /** Key in the metadata of what the model was trained on. */
  public static final String TRAINED_ON = "microsam.trained_on";

  /** What is true of the model of one file, and not of others that are made from it. */
  private static final Set<String> ORIGIN = Set.of(NAME, PURPOSE, LICENCE, TRAINED_ON);

  private final SamConfig config;
  private final Optional<Adapter> adapter;
  private final ModelOptions options;
  private final Map<String, String> metadata;
  private final ModelWeights weights;
  private final Networks networks;
  private final Fingerprints fingerprints;
  private final Map<Integer, SamModel> resized = new TreeMap<>();

  private SamModel(
      SamConfig config,
      Optional<Adapter> adapter,
      ModelOptions options,
      Map<String, String> metadata,
      ModelWeights weights) {
    this.config = config;
    this.adapter = adapter;
    this.options = options;
    this.metadata = Map.copyOf(metadata);
    this.weights = weights;
    try {
      networks = Networks.of(config, adapter, options, weights);
      weights.carryTheRest();
    } catch (RuntimeException e) {
      weights.close();
      throw e;
    }
    fingerprints = weights.fingerprints(options);
  }

  /**
   * Loads a checkpoint of any layout that {@link SamWeights} reads.
   *
   * @param checkpoint a {@code .pt}, {@code .pth} or {@code .safetensors} file
   * @return the model
   * @throws CheckpointException if the file cannot be read, or its tensors do not make up a whole
   *     model; then all missing, extra and wrongly shaped tensors are listed
   */
  public static SamModel load(Path checkpoint) {
    try (SamWeights weights = SamWeights.open(checkpoint)) {
      return of(weights);
    }
  }

  /**
   * Loads a checkpoint with other than the usual choices.
   *
   * @param checkpoint a {@code .pt}, {@code .pth} or {@code .safetensors} file
   * @param options the choices
   * @return the model
   * @throws CheckpointException as {@link #load(Path)}
   */
  public static SamModel load(Path checkpoint, ModelOptions options) {
    try (SamWeights weights = SamWeights.open(checkpoint)) {
      return of(weights, options);
    }
  }

  /**
   * An {@linkplain IncludedModel included} model, or a published one with its decoder for automatic
   * segmentation if it has one, downloaded unless it is in the cache (see {@link
   * ModelCache#ofEnvironment()}).
   *
   * @param name {@code nano}, or for instance {@code vit_b_lm}
   * @return the model
   * @throws CheckpointException if there is no such model, or its files cannot be had
   */
  public static SamModel byName(String name) {
    return byName(name, ModelCache.ofEnvironment(), DownloadListener.SILENT);
  }

  /**
   * An {@linkplain IncludedModel included} model, or a published one with its decoder for automatic
   * segmentation if it has one.
   *
   * @param name {@code nano}, or for instance {@code vit_b_lm}
   * @param cache where models are, or are downloaded to
   * @param listener is told how far a download is
   * @return the model; its metadata tells the name as {@value #NAME}
   * @throws CheckpointException if there is no such model, or its files cannot be had
   */
  public static SamModel byName(String name, ModelCache cache, DownloadListener listener) {
    Optional<IncludedModel> included = IncludedModel.named(name);
    if (included.isPresent()) {
      return named(included.get().weights(), name);
    }
    ModelCache.ModelFiles files = cache.fetch(name, listener);
    try (SamWeights weights =
        files.decoder().isPresent()
            ? SamWeights.open(files.weights(), files.decoder().get())
            : SamWeights.open(files.weights())) {
      return named(weights, name);
    }
  }

  private static SamModel named(SamWeights weights, String name) {
    Map<String, String> metadata = new LinkedHashMap<>(weights.metadata());
    metadata.put(NAME, name);
    return of(weights.withMetadata(metadata));
  }

  /**
   * A model with weights that have been read already, with the choices that their metadata tell and
   * else the usual ones.
   *
   * @param weights the weights; may be closed afterwards
   * @return the model
   * @throws CheckpointException if they do not make up a whole model
   */
  public static SamModel of(SamWeights weights) {
    return of(weights, ModelOptions.of(weights.metadata()));
  }

  /**
   * A model with weights that have been read already. LoRA, FacT and SSF layers are merged into the
   * weights; AdaptFormer layers, which cannot be, stay layers of the image encoder.
   *
   * @param weights the weights; may be closed afterwards
   * @param options the choices
   * @return the model
   * @throws CheckpointException if they do not make up a whole model
   */
  public static SamModel of(SamWeights weights, ModelOptions options) {
    SamConfig config = weights.config();
    weights.requireComplete();
    Optional<Adapter> adapter = weights.adapter();
    boolean stays = adapter.filter(a -> a instanceof Adapter.AdaptFormer).isPresent();
    Map<String, Tensor> tensors =
        adapter.isPresent() && !stays ? weights.merged().tensors() : weights.tensors();
    return new SamModel(
        config,
        adapter.filter(a -> stays),
        options,
        weights.metadata(),
        ModelWeights.of(new CheckpointWeights(tensors), tensors.values()));
  }

  /**
   * A model with parts that are to be trained from scratch beside weights that exist: layers in the
   * image encoder, a decoder for automatic segmentation. New weights are initialised as the
   * reference does.
   *
   * @param weights of a model; layers of an earlier fine-tuning are merged; may be closed
   *     afterwards
   * @param options the choices
   * @param adapter layers for a vision transformer
   * @param decoder a decoder for automatic segmentation; the model's own comes first
   * @param seed the same seed gives the same initial weights
   * @return the model; what it {@linkplain #save saves} has the layers under micro-sam's keys, and
   *     {@link #of(SamWeights)} merges them where that is possible
   * @throws CheckpointException if the weights do not make up a whole model
   */
  public static SamModel extended(
      SamWeights weights,
      ModelOptions options,
      Optional<Adapter> adapter,
      Optional<UnetrConfig> decoder,
      long seed) {
    SamConfig own = weights.config();
    SamConfig config = own.unetr().isPresent() ? own : own.withUnetr(decoder);
    return extended(weights, config, options, adapter, seed);
  }

  /**
   * A model of another architecture than the weights that exist: where these lack a weight, or have
   * it with another shape, it is new, initialised as the reference does. So decoders get other
   * numbers of outputs.
   *
   * @param weights of a model; layers of an earlier fine-tuning are merged; may be closed
   *     afterwards
   * @param config the architecture of the model
   * @param options the choices
   * @param adapter layers for a vision transformer
   * @param seed the same seed gives the same initial weights
   * @return the model
   * @throws CheckpointException if the weights do not make up a whole model
   */
  public static SamModel extended(
      SamWeights weights,
      SamConfig config,
      ModelOptions options,
      Optional<Adapter> adapter,
      long seed) {
    weights.requireComplete();
    SamWeights plain = weights.adapter().isPresent() ? weights.merged() : weights;
    ExtendedWeights extended = new ExtendedWeights(plain.tensors(), new RandomWeights(seed));
    return new SamModel(
        config,
        adapter,
        options,
        plain.metadata(),
        ModelWeights.of(extended, extended.carried(config)));
  }

  /**
   * This model with other choices: graphs and engines of its own on the same weights, so that a
   * change of one's weights is a change of the other's; its {@linkplain #batchCounters() counters}
   * are the same too. It must be closed before this one is.
   *
   * @param choices the other choices
   * @return a model that does not own its weights
   */
  public SamModel sharing(ModelOptions choices) {
    return new SamModel(config, adapter, choices, metadata, weights.shared());
  }

  /**
   * This model with an input of another size: graphs and engines of their own on the same weights.
   * A TinyViT is made of convolutions and of attention within windows, so that images and the maps
   * of the decoder for automatic segmentation have no size of their own. Prompts have: their places
   * are told relative to the input, so that the mask decoder knows the trained size only.
   *
   * @param imageSize side of the input in pixels, a multiple of the encoder's stride
   * @return a model that is closed with this one, always the same for a size; this model for its
   *     own
   * @throws IllegalStateException if the encoder is no TinyViT, and knows its places
   */
  public synchronized SamModel resized(int imageSize) {
    if (imageSize == config.encoder().imageSize()) {
      return this;
    }
    if (!(config.encoder() instanceof TinyVitConfig vit)) {
      throw new IllegalStateException(
          "a " + config.encoder().modelType() + " knows images of its own size only");
    }
    TinyVitConfig other =
        new TinyVitConfig(
            imageSize,
            vit.widths(),
            vit.depths(),
            vit.heads(),
            vit.windows(),
            vit.reductions(),
            vit.outChannels());
    return resized.computeIfAbsent(
        imageSize,
        size ->
            new SamModel(
                new SamConfig(other, config.maskDecoder(), config.unetr()),
                adapter,
                options,
                metadata,
                weights.shared()));
  }

  /**
   * A model for training from scratch. Its weights are initialised as the reference does, except
   * that the mask decoder attends to the places of prompts from the start (queries and keys of the
   * attention between image and prompt begin alike).
   *
   * @param config the architecture
   * @param seed the same seed gives the same weights
   * @return the model
   */
  public static SamModel random(SamConfig config, long seed) {
    return random(config, ModelOptions.defaults(), seed);
  }

  /**
   * A model for training from scratch, with other than the usual choices.
   *
   * @param config the architecture
   * @param options the choices
   * @param seed the same seed gives the same weights
   * @return the model
   */
  public static SamModel random(SamConfig config, ModelOptions options, long seed) {
    RandomWeights fresh = new RandomWeights(seed);
    return new SamModel(
        config,
        Optional.empty(),
        options,
        Map.of(),
        ModelWeights.of(new MimeticAttention(fresh), fresh.carried(config)));
  }

  /**
   * The architecture.
   *
   * @return the configuration
   */
  public SamConfig config() {
    return config;
  }

  /**
   * How the model is used, where there is a choice.
   *
   * @return the choices that it was loaded with
   */
  public ModelOptions options() {
    return options;
  }

  /**
   * What the model's file tells of it, and its {@linkplain #NAME name} if it was asked for by name.
   *
   * @return texts by key; empty where there is nothing
   */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * The inputs that the image encoder has beside the image if the {@linkplain
   * ModelOptions#dropout() options} have dropout and it has FacT layers: masks that the values
   * before the last factor are multiplied by, 0 for what is left out and 1 / (1 - share) for what
   * stays.
   *
   * @param images of a batch
   * @return shapes {@code [2, B, side, side, rank]} by the input's name, in the order of the
   *     blocks: for queries and for values, for the tokens of the B windows of all images; empty
   *     for a model that is not in training
   */
  public Map<String, long[]> dropoutMasks(int images) {
    return ImageEncoder.dropoutMasks(config.encoder(), adapter, options, images);
  }

  /**
   * How many batches each batch norm has been trained on. Training advances them, and {@link #save}
   * writes them.
   *
   * @return the counters; none in a model without batch norms
   */
  public BatchCounters batchCounters() {
    return weights.counters();
  }

  /**
   * What tells this model from others: a hash of all keys, shapes and weights.
   *
   * @return 64 hexadecimal digits; of the weights as they were loaded
   */
  public String fingerprint() {
    return fingerprints.whole();
  }

  /**
   * What tells this model's embeddings from those of others: a hash of the image encoder's keys,
   * shapes and weights, and of the {@link ModelOptions} that change what it computes. A model with
   * another mask decoder, or without the decoder for automatic segmentation, has the same.
   *
   * @return 64 hexadecimal digits; of the weights as they were loaded
   */
  public String encoderFingerprint() {
    return fingerprints.encoder();
  }

  /**
   * The image encoder, from {@link ImageEncoder#IMAGE} to {@link ImageEncoder#EMBEDDING}.
   *
   * @return its engine
   */
  public Engine imageEncoder() {
    return networks.imageEncoder();
  }

  /**
   * The prompt encoder; {@link PromptEncoder#build} tells its inputs and outputs.
   *
   * @return its engine
   */
  public Engine promptEncoder() {
    return networks.promptEncoder();
  }

  /**
   * The mask decoder; {@link MaskDecoder#build} tells its inputs and outputs.
   *
   * @return its engine
   */
  public Engine maskDecoder() {
    return networks.maskDecoder();
  }

  /**
   * The decoder for automatic segmentation, from {@link UnetrDecoder#EMBEDDING} to {@link
   * UnetrDecoder#MAPS}.
   *
   * @return its engine; empty if the model has none
   */
  public Optional<Engine> unetr() {
    return networks.unetr();
  }

  /**
   * Writes the weights: {@code .safetensors} with the architecture in the metadata, or {@code .pt}
   * and {@code .pth} as segment-anything or, with a decoder for automatic segmentation, micro-sam
   * loads them.
   *
   * @param target a file name with one of these endings
   * @throws CheckpointException if the file cannot be written
   */
  public void save(Path target) {
    save(target, Map.of());
  }

  /**
   * Writes the weights, and texts about the model into the header of a safetensors file, beside
   * those of the file that it was loaded from. Not written is what that file tells of its own
   * origin, name and licence, since the weights may have been changed.
   *
   * @param target a file name with one of these endings
   * @param more texts by key; {@code SegmentationDefaults} tells those that say how the model
   *     segments best
   * @throws CheckpointException if the file cannot be written
   */
  public void save(Path target, Map<String, String> more) {
    Map<String, String> texts = new LinkedHashMap<>(metadata);
    texts.keySet().removeAll(ORIGIN);
    texts.putAll(more);
    texts.putAll(options.toMetadata());
    Conversion.defaults().convert(SamWeights.of(weights.tensors(), config, texts), target);
  }

  /**
   * Frees the weights, the constants of the graphs and what the engines hold. No call of an engine
   * may follow.
   */
  @Override
  public void close() {
    synchronized (this) {
      resized.values().forEach(SamModel::close);
      resized.clear();
    }
    networks.close(weights.keys());
    weights.close();
  }
}

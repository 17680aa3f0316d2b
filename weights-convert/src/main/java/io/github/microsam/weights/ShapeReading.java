package io.github.microsam.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Tells an architecture from the shapes of its tensors under their canonical keys. What shapes do
 * not tell comes from {@code known} parts, or is what all published models have.
 */
final class ShapeReading {
  private static final String VIT_PATCHES = "image_encoder.patch_embed.proj.weight";
  private static final String TINY_VIT_STEM = "image_encoder.patch_embed.seq.2.c.weight";
  private static final String HEAD = "mask_decoder.iou_prediction_head.layers.";

  private final Map<String, Tensor> tensors;
  private final ModelParts known;

  private ShapeReading(Map<String, Tensor> tensors, ModelParts known) {
    this.tensors = tensors;
    this.known = known;
  }

  static ModelParts read(Map<String, Tensor> tensors, ModelParts known) {
    ShapeReading reading = new ShapeReading(tensors, known);
    return new ModelParts(
        reading.has(LayoutReader.IMAGE_ENCODER) ? Optional.of(reading.encoder()) : Optional.empty(),
        reading.has(LayoutReader.MASK_DECODER)
            ? Optional.of(reading.maskDecoder())
            : Optional.empty(),
        tensors.keySet().stream().anyMatch(LayoutReader::isUnetrDecoder)
            ? Optional.of(reading.unetr())
            : Optional.empty());
  }

  private EncoderConfig encoder() {
    if (tensors.containsKey(VIT_PATCHES)) {
      return vit();
    }
    if (tensors.containsKey(TINY_VIT_STEM)) {
      return tinyVit();
    }
    throw new CheckpointException(
        "The image encoder is neither a plain vision transformer nor a TinyViT: there is neither "
            + VIT_PATCHES
            + " nor "
            + TINY_VIT_STEM);
  }

  private VitConfig vit() {
    int width = size(VIT_PATCHES, 0);
    int patch = size(VIT_PATCHES, 2);
    int grid = size("image_encoder.pos_embed", 1);
    int headWidth = size("image_encoder.blocks.0.attn.rel_pos_h", 1);
    int depth = count("image_encoder.blocks.");
    List<Integer> reach = new ArrayList<>();
    for (int i = 0; i < depth; i++) {
      // A table of relative positions has an entry for each difference of two positions.
      reach.add((size("image_encoder.blocks." + i + ".attn.rel_pos_h", 0) + 1) / 2);
    }
    int window = window(reach, grid);
    return new VitConfig(
        grid * patch,
        patch,
        width,
        depth,
        width / Math.max(1, headWidth),
        size("image_encoder.blocks.0.mlp.lin1.weight", 0),
        window,
        IntStream.range(0, depth).filter(i -> reach.get(i) != window).boxed().toList(),
        size("image_encoder.neck.0.weight", 0));
  }

  /**
   * The side of the attention windows: what is not the whole grid. A model that runs on another
   * size of image than it was made for interpolates the tables of its global blocks, so those are
   * then the larger ones.
   *
   * @return tokens; 0 if all blocks are global
   */
  private static int window(List<Integer> reach, int grid) {
    TreeSet<Integer> windows = new TreeSet<>(reach);
    boolean whole = windows.remove(grid);
    if (windows.size() > (whole ? 1 : 2)) {
      throw new CheckpointException(
          "The blocks of the image encoder attend over more than two different distances, "
              + new TreeSet<>(reach)
              + " tokens; such a model is not supported");
    }
    return windows.isEmpty() ? 0 : windows.first();
  }

  private TinyVitConfig tinyVit() {
    int stages = count("image_encoder.layers.");
    List<Integer> widths = new ArrayList<>();
    List<Integer> depths = new ArrayList<>();
    for (int i = 0; i < stages; i++) {
      String width =
          i == 0 ? TINY_VIT_STEM : "image_encoder.layers." + (i - 1) + ".downsample.conv1.c.weight";
      widths.add(size(width, 0));
      depths.add(count("image_encoder.layers." + i + ".blocks."));
    }
    List<Integer> heads = new ArrayList<>();
    List<Integer> windows = new ArrayList<>();
    for (int i = 1; i < stages; i++) {
      String biases = "image_encoder.layers." + i + ".blocks.0.attn.attention_biases";
      heads.add(size(biases, 0));
      windows.add((int) Math.round(Math.sqrt(size(biases, 1))));
    }
    if (stages < 2) {
      throw new CheckpointException("A TinyViT has at least 2 stages, this one has " + stages);
    }
    // The first stage is convolutional: what it would have as a stage of attention.
    heads.add(0, widths.get(0) * heads.get(0) / widths.get(1));
    windows.add(0, windows.get(0));
    Optional<TinyVitConfig> seen =
        known.encoder().filter(e -> e instanceof TinyVitConfig).map(e -> (TinyVitConfig) e);
    return new TinyVitConfig(
        known.encoder().map(EncoderConfig::imageSize).orElse(TinyVitConfig.VIT_T.imageSize()),
        widths,
        depths,
        heads,
        windows,
        seen.map(TinyVitConfig::reductions).orElse(TinyVitConfig.mobileSam(stages)),
        size("image_encoder.neck.0.weight", 0));
  }

  private MaskDecoderConfig maskDecoder() {
    MaskDecoderConfig unseen = known.maskDecoder().orElse(MaskDecoderConfig.SAM);
    return new MaskDecoderConfig(
        size("mask_decoder.mask_tokens.weight", 0) - 1,
        count("mask_decoder.transformer.layers."),
        unseen.heads(),
        size("mask_decoder.transformer.layers.0.mlp.lin1.weight", 0),
        count(HEAD),
        size(HEAD + "0.weight", 0),
        has(LayoutReader.PROMPT_ENCODER)
            ? size("prompt_encoder.mask_downscaling.3.weight", 0)
            : unseen.maskChannels());
  }

  private UnetrConfig unetr() {
    // torch_em.model.UNETR, and how micro-sam tells the two kinds apart (get_unetr).
    boolean transposed =
        tensors.keySet().stream()
            .anyMatch(key -> key.startsWith("decoder.samplers.") && key.contains(".block."));
    int upsamplings = 0;
    while (has("deconv" + (upsamplings + 1) + ".")) {
      upsamplings++;
    }
    return new UnetrConfig(
        size("out_conv.weight", 1), upsamplings, transposed, size("out_conv.weight", 0));
  }

  private boolean has(String prefix) {
    return tensors.keySet().stream().anyMatch(key -> key.startsWith(prefix));
  }

  /** Elements of a module list: one more than the highest index after the prefix. */
  private int count(String prefix) {
    int count = 0;
    for (String key : tensors.keySet()) {
      int end = key.indexOf('.', prefix.length());
      if (key.startsWith(prefix) && end > prefix.length() && end < prefix.length() + 4) {
        String index = key.substring(prefix.length(), end);
        if (index.chars().allMatch(c -> c >= '0' && c <= '9')) {
          count = Math.max(count, Integer.parseInt(index) + 1);
        }
      }
    }
    return count;
  }

  private int size(String key, int axis) {
    Tensor tensor = tensors.get(key);
    if (tensor == null) {
      throw new CheckpointException(
          "The architecture cannot be told: " + key + " is missing; the checkpoint is incomplete");
    }
    long[] shape = tensor.shape();
    if (axis >= shape.length || shape[axis] > Integer.MAX_VALUE) {
      throw new CheckpointException(
          key + " has the shape " + Arrays.toString(shape) + ", which no SAM has");
    }
    return (int) shape[axis];
  }
}

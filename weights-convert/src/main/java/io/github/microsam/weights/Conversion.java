package io.github.microsam.weights;

import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Converts checkpoints between formats, layouts and element types.
 *
 * <pre>{@code
 * Conversion.defaults().withDType(DType.F16).convert(Path.of("vit_b.pth"), Path.of("vit_b.safetensors"));
 * }</pre>
 *
 * Tensors stream from file to file; none but the one at hand is in memory, and without a change of
 * its elements not even that one. The output is complete or not there (see {@link
 * CheckpointWriter}).
 *
 * <p>Immutable; threads may convert to different targets at once.
 *
 * @param layout how the output names its tensors
 * @param dtype type of all floating-point tensors of the output, {@link DType#F16}, {@link
 *     DType#BF16} or {@link DType#F32}; empty to leave them as they are
 * @param mergeAdapters whether parameter-efficient layers are merged into plain weights
 * @param requireFinite whether weights that are not finite numbers are an error, which takes an
 *     additional pass over the input
 * @param progress is told of the bytes that are written
 */
public record Conversion(
    OutputLayout layout,
    Optional<DType> dtype,
    boolean mergeAdapters,
    boolean requireFinite,
    ByteProgress progress) {

  /**
   * Checks the element type.
   *
   * @param layout how the output names its tensors
   * @param dtype type of all floating-point tensors of the output
   * @param mergeAdapters whether parameter-efficient layers are merged into plain weights
   * @param requireFinite whether weights that are not finite numbers are an error
   * @param progress is told of the bytes that are written
   */
  public Conversion {
    if (dtype.isPresent() && !Set.of(DType.F16, DType.BF16, DType.F32).contains(dtype.get())) {
      throw new CheckpointException(
          "Weights cannot be converted to " + dtype.get() + ": choose f16, bf16 or f32");
    }
  }

  /**
   * Elements stay as they are, the layout is what the output's format is read as.
   *
   * @return a conversion without options
   */
  public static Conversion defaults() {
    return new Conversion(
        OutputLayout.AUTOMATIC, Optional.empty(), false, false, ByteProgress.NONE);
  }

  /**
   * The same conversion with another layout of the output.
   *
   * @param layout how the output names its tensors
   * @return a copy
   */
  public Conversion withLayout(OutputLayout layout) {
    return new Conversion(layout, dtype, mergeAdapters, requireFinite, progress);
  }

  /**
   * The same conversion to another element type. Numbers are rounded to the nearest, ties to even;
   * it is an error if one becomes infinite.
   *
   * @param dtype {@link DType#F16}, {@link DType#BF16} or {@link DType#F32}
   * @return a copy
   * @throws CheckpointException for another type
   */
  public Conversion withDType(DType dtype) {
    return new Conversion(layout, Optional.of(dtype), mergeAdapters, requireFinite, progress);
  }

  /**
   * The same conversion, merging parameter-efficient layers.
   *
   * @param mergeAdapters whether they are merged into plain weights
   * @return a copy
   */
  public Conversion withMergeAdapters(boolean mergeAdapters) {
    return new Conversion(layout, dtype, mergeAdapters, requireFinite, progress);
  }

  /**
   * The same conversion, looking for weights that are NaN or infinite.
   *
   * @param requireFinite whether they are an error
   * @return a copy
   */
  public Conversion withRequireFinite(boolean requireFinite) {
    return new Conversion(layout, dtype, mergeAdapters, requireFinite, progress);
  }

  /**
   * The same conversion, telling how far it is.
   *
   * @param progress is told of the bytes that are written
   * @return a copy
   */
  public Conversion withProgress(ByteProgress progress) {
    return new Conversion(layout, dtype, mergeAdapters, requireFinite, progress);
  }

  /**
   * Converts a file.
   *
   * @param input a checkpoint in any format and layout
   * @param output a file name that ends with {@code .safetensors}, {@code .pt} or {@code .pth}; may
   *     be the input
   * @throws CheckpointException if the input cannot be read or converted, or the output not written
   */
  public void convert(Path input, Path output) {
    OutputFormat format = OutputFormat.ofFileName(output);
    if (layout == OutputLayout.AS_IS) {
      convertAsIs(input, output, format);
      return;
    }
    try (SamWeights weights = SamWeights.open(input)) {
      convert(weights, output, format);
    }
  }

  /**
   * Combines a model with a decoder for automatic segmentation from a file of its own.
   *
   * @param input a checkpoint in any format and layout
   * @param decoder a checkpoint with such a decoder
   * @param output a file name that ends with {@code .safetensors}, {@code .pt} or {@code .pth}; may
   *     be one of the inputs
   * @throws CheckpointException if an input cannot be read or converted, or the output not written
   */
  public void convert(Path input, Path decoder, Path output) {
    if (layout == OutputLayout.AS_IS) {
      throw new CheckpointException(
          "Two checkpoints cannot be combined as they are; choose another layout");
    }
    OutputFormat format = OutputFormat.ofFileName(output);
    try (SamWeights weights = SamWeights.open(input, decoder)) {
      convert(weights, output, format);
    }
  }

  /**
   * Writes weights that have been read already, or were never in a file.
   *
   * @param weights the weights; have to stay open
   * @param output a file name that ends with {@code .safetensors}, {@code .pt} or {@code .pth}
   * @throws CheckpointException if the weights cannot be converted, or the output not written
   */
  public void convert(SamWeights weights, Path output) {
    convert(weights, output, OutputFormat.ofFileName(output));
  }

  private void convertAsIs(Path input, Path output, OutputFormat format) {
    if (mergeAdapters) {
      throw new CheckpointException(
          "Layers cannot be merged and left as they are; choose another layout");
    }
    try (Checkpoint checkpoint = CheckpointReader.open(input)) {
      Map<String, String> metadata = new LinkedHashMap<>(Map.of("format", "pt"));
      metadata.putAll(checkpoint.metadata());
      write(checkpoint.tensors().values(), metadata, output, format);
    }
  }

  private void convert(SamWeights input, Path output, OutputFormat format) {
    SamWeights weights = mergeAdapters && input.adapter().isPresent() ? input.merged() : input;
    Map<String, String> metadata = new LinkedHashMap<>(weights.metadata());
    metadata.put("format", "pt"); // tensors of the kind that PyTorch has, says the format
    metadata.put("microsam.model_type", weights.modelType());
    metadata.put(SamWeights.CONFIG_METADATA, weights.parts().toJson());
    write(arranged(weights, format), metadata, output, format);
  }

  private List<Tensor> arranged(SamWeights weights, OutputFormat format) {
    OutputLayout chosen = layout == OutputLayout.AUTOMATIC ? usual(weights, format) : layout;
    if (chosen == OutputLayout.FLAT) {
      return List.copyOf(weights.tensors().values());
    }
    SamConfig config = weights.config();
    weights.requireComplete();
    if (chosen == OutputLayout.SAM) {
      return weights.tensors().values().stream()
          .filter(t -> !LayoutReader.isUnetrDecoder(t.name()))
          .toList();
    }
    if (config.unetr().isEmpty()) {
      throw new CheckpointException(
          "There is no decoder for automatic segmentation to export; add one or choose the layout"
              + " of a plain SAM");
    }
    return weights.tensors().values().stream()
        .map(
            t -> {
              boolean decoder = LayoutReader.isUnetrDecoder(t.name());
              return t.renamed((decoder ? "decoder_state/" : "model_state/") + t.name());
            })
        .toList();
  }

  private static OutputLayout usual(SamWeights weights, OutputFormat format) {
    ModelParts parts = weights.parts();
    boolean whole = parts.encoder().isPresent() && parts.maskDecoder().isPresent();
    if (format == OutputFormat.SAFETENSORS || !whole) {
      return OutputLayout.FLAT;
    }
    return parts.unetr().isPresent() ? OutputLayout.MICRO_SAM : OutputLayout.SAM;
  }

  private void write(
      Collection<Tensor> tensors, Map<String, String> metadata, Path output, OutputFormat format) {
    if (requireFinite) {
      List<String> nonFinite = FiniteCheck.nonFinite(tensors);
      if (!nonFinite.isEmpty()) {
        throw new CheckpointException(
            "Elements are NaN or infinite in "
                + String.join(", ", nonFinite)
                + "; the training that made the checkpoint went wrong");
      }
    }
    Set<String> overflows = new TreeSet<>();
    List<Tensor> cast = tensors.stream().map(t -> cast(t, overflows)).toList();
    CheckpointWriter.write(
        output, format, cast, metadata, progress, () -> refuseOverflows(overflows));
  }

  private Tensor cast(Tensor tensor, Set<String> overflows) {
    return dtype.isPresent() && tensor.dtype().isFloat() && tensor.dtype() != dtype.get()
        ? new CastTensor(tensor, dtype.get(), overflows::add)
        : tensor;
  }

  private void refuseOverflows(Set<String> overflows) {
    if (!overflows.isEmpty()) {
      throw new CheckpointException(
          "Elements are too large for "
              + dtype.map(DType::toString).orElse("")
              + " in "
              + String.join(", ", overflows)
              + "; choose bf16 or f32");
    }
  }
}

package io.github.microsam.cli;

import com.google.gson.JsonObject;
import io.github.microsam.model.IncludedModel;
import io.github.microsam.segment.ModelMetadata;
import io.github.microsam.segment.SegmentationException;
import io.github.microsam.weights.Checkpoint;
import io.github.microsam.weights.CheckpointException;
import io.github.microsam.weights.CheckpointReader;
import io.github.microsam.weights.Conversion;
import io.github.microsam.weights.DType;
import io.github.microsam.weights.OutputLayout;
import io.github.microsam.weights.SamWeights;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code microsam convert}: a checkpoint into another format, layout or element type. */
@Command(
    name = "convert",
    description = {
      "Convert a checkpoint into another format, layout or element type.",
      "",
      "Reads PyTorch files (.pt, .pth; zip and legacy) and safetensors: models of segment-anything"
          + " and MobileSAM, micro-sam's exports and its training checkpoints. Writes what the"
          + " name of OUT asks for: .pt or .pth for PyTorch, .safetensors. Weights stream from file"
          + " to file, whatever their size, and OUT appears when it is whole.",
      "",
      "Layouts of OUT:",
      "  auto       what readers of the format expect: flat for safetensors;",
      "             micro-sam for a PyTorch model with decoder, sam for one without",
      "  flat       all weights of the model and its decoder in one map",
      "  sam        state dict for segment-anything, without the decoder",
      "  micro-sam  model_state and decoder_state, as micro-sam exports them",
      "  as-is      every tensor of IN under its name, those of optimizers too"
    },
    footer = {
      "",
      "Examples:",
      "  microsam convert sam_vit_b_01ec64.pth vit_b.safetensors",
      "  microsam convert --dtype f16 best.pt cells.safetensors",
      "  microsam convert --merge-lora lora.pt merged.pt",
      "  microsam convert --decoder vit_b_decoder.pt vit_b.pt whole.pt",
      "  microsam convert --metadata microsam.ais.min_size=20 mine.safetensors cells.safetensors"
    })
final class ConvertCommand implements Runnable {

  /** The element types that weights can be converted to. */
  enum Precision {
    F16,
    BF16,
    F32
  }

  /** Layouts by the names that the help gives them. */
  static final class LayoutNames implements CommandLine.ITypeConverter<OutputLayout> {
    private static final Map<String, OutputLayout> NAMES =
        Map.of(
            "auto", OutputLayout.AUTOMATIC,
            "flat", OutputLayout.FLAT,
            "sam", OutputLayout.SAM,
            "micro-sam", OutputLayout.MICRO_SAM,
            "as-is", OutputLayout.AS_IS);

    @Override
    public OutputLayout convert(String name) {
      OutputLayout layout = NAMES.get(name.toLowerCase(Locale.ROOT));
      if (layout == null) {
        throw new TypeConversionException(
            "'" + name + "' is none of auto, flat, sam, micro-sam, as-is");
      }
      return layout;
    }
  }

  @Mixin CommonOptions common;

  @Parameters(
      index = "0",
      paramLabel = "IN",
      description = "A checkpoint, or nano, the included model.")
  private Path input;

  @Parameters(
      index = "1",
      paramLabel = "OUT",
      description = "The file to write; its name ends with .pt, .pth or .safetensors.")
  private Path output;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description =
          "Round all weights to f16, bf16 or f32. Without it every tensor keeps its type.")
  private Precision precision;

  @Option(
      names = "--layout",
      paramLabel = "LAYOUT",
      converter = LayoutNames.class,
      defaultValue = "auto",
      description = "auto (the default), flat, sam, micro-sam or as-is; explained above.")
  private OutputLayout layout;

  @Option(
      names = {"--merge-lora", "--merge-adapters"},
      description =
          "Merge LoRA and other parameter-efficient layers into the weights that they adapt.")
  private boolean merge;

  @Option(
      names = "--decoder",
      paramLabel = "FILE",
      description = "Add the decoder for automatic segmentation from another checkpoint.")
  private Path decoder;

  @Option(
      names = "--metadata",
      paramLabel = "KEY=VALUE",
      description =
          "Write a text into the header of a safetensors file: how the model segments best, as in"
              + " microsam.ais.min_size=20, or where it comes from; an unknown key is told which"
              + " there are.")
  private Map<String, String> metadata = Map.of();

  @Option(names = "--require-finite", description = "Fail if a weight is NaN or infinite.")
  private boolean requireFinite;

  @Option(names = "--overwrite", description = "Replace OUT if it exists.")
  private boolean overwrite;

  @Spec private CommandSpec spec;
  private final Host host;

  ConvertCommand(Host host) {
    this.host = host;
  }

  @Override
  public void run() {
    refuseMetadata();
    if (!overwrite && Files.exists(output, LinkOption.NOFOLLOW_LINKS)) {
      throw new CommandException(output + " exists already; --overwrite replaces it.");
    }
    ProgressLine line = new ProgressLine(spec.commandLine().getErr(), host.terminal());
    String name = output.toString();
    Conversion conversion =
        conversion().withProgress((done, total) -> line.show(name, done, total));
    try {
      Optional<IncludedModel> included =
          Files.exists(input) ? Optional.empty() : IncludedModel.named(input.toString());
      if (included.isPresent()) {
        convert(conversion, included.get().weights());
      } else if (!metadata.isEmpty()) {
        convertWithMetadata(conversion);
      } else if (decoder == null) {
        conversion.convert(input, output);
      } else {
        conversion.convert(input, decoder, output);
      }
    } finally {
      line.end();
    }
    reportOutput();
  }

  private void refuseMetadata() {
    try {
      ModelMetadata.check(metadata);
    } catch (SegmentationException | CheckpointException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    if (!metadata.isEmpty() && !output.toString().endsWith(".safetensors")) {
      throw new ParameterException(
          spec.commandLine(),
          "--metadata is for safetensors files; PyTorch's have no place for it.");
    }
    if (!metadata.isEmpty() && layout == OutputLayout.AS_IS) {
      throw new ParameterException(
          spec.commandLine(), "--metadata is for models; with --layout as-is nothing is added.");
    }
  }

  private void convertWithMetadata(Conversion conversion) {
    try (SamWeights weights =
        decoder == null ? SamWeights.open(input) : SamWeights.open(input, decoder)) {
      convert(conversion, weights);
    }
  }

  private void convert(Conversion conversion, SamWeights weights) {
    Map<String, String> texts = new LinkedHashMap<>(weights.metadata());
    texts.putAll(metadata);
    conversion.convert(weights.withMetadata(texts), output);
  }

  private Conversion conversion() {
    Conversion conversion =
        Conversion.defaults()
            .withLayout(layout)
            .withMergeAdapters(merge)
            .withRequireFinite(requireFinite);
    return precision == null ? conversion : conversion.withDType(DType.valueOf(precision.name()));
  }

  /** Read back, so that what is said is what is there. */
  private void reportOutput() {
    PrintWriter out = spec.commandLine().getOut();
    try (Checkpoint written = CheckpointReader.open(output)) {
      JsonObject report = CheckpointReport.of(written);
      new ReportText(report).summary().forEach(out::println);
    }
    out.flush();
  }
}

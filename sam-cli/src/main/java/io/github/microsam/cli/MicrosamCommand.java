package io.github.microsam.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code microsam}: does nothing itself, and says what there is. */
@Command(
    name = "microsam",
    description = "Segment Anything for Microscopy, without Python.",
    versionProvider = Version.class,
    subcommands = {
      SegmentCommand.class,
      PredictCommand.class,
      EmbedCommand.class,
      EvaluateCommand.class,
      ConvertCommand.class,
      ExportCommand.class,
      InspectCommand.class,
      ModelsCommand.class,
      TrainCommand.class,
      SynthesizeCommand.class
    },
    subcommandsRepeatable = false,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  microsam segment cells.tif             all objects of an image",
      "  microsam predict cells.tif --model vit_b_lm --box 100,60,150,110",
      "  microsam embed cells.tif -o e.zarr     compute its embeddings once",
      "  microsam evaluate results/ truth/      scores of label images",
      "  microsam synthesize -o demo            images with labels to try things with",
      "  microsam train --images i --labels l --model vit_b_lm -o mine.safetensors",
      "  microsam models                        which models there are, and are here",
      "  microsam models download vit_b_lm      get one",
      "  microsam inspect model.pt              what is in a checkpoint",
      "  microsam convert model.pt model.safetensors",
      "  microsam export onnx vit_b_lm -o onnx  for other runtimes",
      "",
      "microsam COMMAND --help explains a command."
    })
final class MicrosamCommand implements Runnable {
  @Mixin CommonOptions common;

  @Option(
      names = {"-V", "--version"},
      order = 2000,
      versionHelp = true,
      description = "Print the version and exit.")
  boolean version;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Which command? There are: " + String.join(", ", commandNames(spec.commandLine())));
  }

  private static Iterable<String> commandNames(CommandLine commandLine) {
    return commandLine.getSubcommands().keySet();
  }
}

package io.github.microsam.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code microsam export}: models for other programs; does nothing itself. */
@Command(
    name = "export",
    description = "Write a model for other runtimes. (For other checkpoints: microsam convert.)",
    subcommands = ExportOnnxCommand.class,
    synopsisSubcommandLabel = "FORMAT",
    footer = {"", "Examples:", "  microsam export onnx vit_b_lm -o vit_b_lm_onnx"})
final class ExportCommand implements Runnable {
  @Mixin CommonOptions common;
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Which format? There are: "
            + String.join(", ", spec.commandLine().getSubcommands().keySet()));
  }
}

package io.github.microsam.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.github.microsam.model.IncludedModel;
import io.github.microsam.weights.Checkpoint;
import io.github.microsam.weights.CheckpointReader;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code microsam inspect}: what is in a checkpoint. */
@Command(
    name = "inspect",
    description = {
      "Show what is in a checkpoint.",
      "",
      "That is: the kind of model and its architecture, the decoder for automatic segmentation,"
          + " adapters such as LoRA, metadata, and every tensor with its type, shape and size.",
      "",
      "Reads PyTorch files (.pt, .pth; zip and legacy) and safetensors, told by their content. No"
          + " code in the file is run, and the weights themselves are not read."
    },
    footer = {
      "",
      "Examples:",
      "  microsam inspect nano",
      "  microsam inspect vit_b_lm.pt",
      "  microsam inspect best.pt | grep qkv",
      "  microsam inspect --json best.pt | jq -r .type"
    })
final class InspectCommand implements Runnable {
  @Mixin CommonOptions common;

  @Parameters(paramLabel = "FILE", description = "A checkpoint, or nano, the included model.")
  private Path file;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    try (Checkpoint checkpoint = open()) {
      JsonObject report = CheckpointReport.of(checkpoint);
      if (json) {
        Gson gson =
            new GsonBuilder().setPrettyPrinting().serializeNulls().disableHtmlEscaping().create();
        out.println(gson.toJson(report));
      } else {
        new ReportText(report).lines().forEach(out::println);
      }
    }
    out.flush();
  }

  private Checkpoint open() {
    return Files.isRegularFile(file)
        ? CheckpointReader.open(file)
        : IncludedModel.named(file.toString())
            .map(IncludedModel::checkpoint)
            .orElseGet(() -> CheckpointReader.open(file));
  }
}

package io.github.microsam.cli;

import io.github.microsam.model.SamModel;
import io.github.microsam.onnx.OnnxExport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code microsam export onnx}: a model's networks as ONNX files. */
@Command(
    name = "onnx",
    description = {
      "Write the networks of a model as ONNX files (opset 17, float32).",
      "",
      "Files in DIR:",
      "  image_encoder.onnx   image [1,3,S,S] to image_embeddings [1,C,E,E]",
      "  prompt_decoder.onnx  image_embeddings, point_coords [N,P,2], point_labels [N,P],",
      "                       mask_input [1 or N,1,4E,4E], has_mask_input [1]",
      "                       to low_res_masks [N,4,4E,4E], iou_predictions [N,4]",
      "  unetr_decoder.onnx   image_embeddings to maps [1,3,S,S], if the model has this decoder",
      "",
      "S is 1024, C 256 and E 64 in published models; N prompts of P points each, any number. The"
          + " image is prepared as Segment Anything does: longest side S, normalised, padded at"
          + " the right and at the bottom. Labels: 1 in the object, 0 outside, 2 and 3 the"
          + " corners of a box, -1 padding, of which a prompt without a box has one. Masks are"
          + " logits; the single mask comes first.",
      "",
      "Weights of more than 2 GB are in a file beside, with .data after its name. Each file"
          + " appears when it is whole."
    },
    footer = {
      "",
      "Examples:",
      "  microsam export onnx vit_b_lm -o vit_b_lm_onnx",
      "  microsam export onnx finetuned.pt -o finetuned_onnx --overwrite"
    })
final class ExportOnnxCommand implements Runnable {
  @Mixin CommonOptions common;

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "A checkpoint, or a name that microsam models lists.")
  private String model;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      required = true,
      description = "The folder for the files; made if it is missing.")
  private Path folder;

  @Option(names = "--overwrite", description = "Replace files that exist.")
  private boolean overwrite;

  @Spec private CommandSpec spec;
  private final Host host;

  ExportOnnxCommand(Host host) {
    this.host = host;
  }

  @Override
  public void run() {
    checkTargets();
    try (SamModel sam = new NamedModel(model, host, spec.commandLine().getErr()).open()) {
      report(OnnxExport.of(sam).write(folder));
    }
  }

  private void checkTargets() {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new CommandException(folder + " is a file; name a folder.");
    }
    for (String name :
        List.of(OnnxExport.IMAGE_ENCODER, OnnxExport.PROMPT_DECODER, OnnxExport.UNETR)) {
      Path file = folder.resolve(name);
      if (!overwrite && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new CommandException(file + " exists already; --overwrite replaces it.");
      }
    }
  }

  private void report(List<Path> files) {
    PrintWriter out = spec.commandLine().getOut();
    try {
      for (Path file : files) {
        out.println(file + "  " + ByteSize.of(Files.size(file)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    out.flush();
  }
}

package io.github.microsam.cli;

import io.github.microsam.model.IncludedModel;
import io.github.microsam.weights.ModelCache;
import io.github.microsam.weights.PublishedFile;
import io.github.microsam.weights.PublishedModel;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code microsam models download}: published models onto this machine. */
@Command(
    name = "download",
    description = {
      "Download published models, and print where they are.",
      "",
      "A model comes with its decoder for automatic segmentation, and all files are verified. What"
          + " is here already is verified only. An interrupted download goes on where it stopped."
          + " Proxies: https_proxy, http_proxy and no_proxy, or Java's -Dhttps.proxyHost."
          + " MICROSAM_OFFLINE=1 forbids downloads."
    },
    footer = {
      "",
      "Examples:",
      "  microsam models download vit_b_lm",
      "  microsam models download vit_t_lm vit_t_em_organelles",
      "  https_proxy=http://proxy:3128 microsam models download vit_b_lm"
    })
final class ModelsDownloadCommand implements Runnable {
  @Mixin CommonOptions common;

  @Parameters(
      arity = "1..*",
      paramLabel = "NAME",
      description = "Names of models, as microsam models lists them.")
  private List<String> names;

  @Spec private CommandSpec spec;
  private final Host host;

  ModelsDownloadCommand(Host host) {
    this.host = host;
  }

  @Override
  public void run() {
    ModelCache cache = host.models().get();
    PrintWriter out = spec.commandLine().getOut();
    ProgressLine line = new ProgressLine(spec.commandLine().getErr(), host.terminal());
    try {
      for (PublishedModel model : models(cache)) {
        for (PublishedFile file : model.files()) {
          String path = cache.fetch(file, new DownloadProgress(line)).toString();
          line.end();
          out.println(path);
          out.flush();
        }
      }
    } finally {
      line.end();
    }
  }

  /** All of them before the first download, so that a mistyped name does not end a long one. */
  private List<PublishedModel> models(ModelCache cache) {
    List<PublishedModel> models = new ArrayList<>();
    for (String name : names) {
      if (IncludedModel.named(name).isPresent()) {
        throw new ParameterException(
            spec.commandLine(), name + " is included: there is nothing to download.");
      }
      try {
        models.add(cache.registry().model(name));
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), e.getMessage(), e);
      }
    }
    return models;
  }
}

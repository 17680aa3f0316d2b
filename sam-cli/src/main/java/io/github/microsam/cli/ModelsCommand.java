package io.github.microsam.cli;

import io.github.microsam.model.IncludedModel;
import io.github.microsam.model.SamModel;
import io.github.microsam.weights.ModelCache;
import io.github.microsam.weights.PublishedFile;
import io.github.microsam.weights.PublishedModel;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code microsam models}: the published models, and which are on this machine. */
@Command(
    name = "models",
    description = {
      "List the models that can be had by name, and which are on this machine.",
      "",
      "The included model needs no download. A size with ~ is that of a download to come, weights"
          + " and decoder together. Files are shared with micro-sam in Python: they are in"
          + " $$MICROSAM_CACHEDIR/models, or in the platform's cache folder"
          + " (~/.cache/micro_sam/models on Linux)."
    },
    subcommands = ModelsDownloadCommand.class,
    synopsisSubcommandLabel = "[COMMAND]",
    footer = {
      "",
      "Examples:",
      "  microsam models                           list them",
      "  microsam models download vit_b_lm         get the one for cells and nuclei",
      "  MICROSAM_CACHEDIR=/data microsam models   look in another cache"
    })
final class ModelsCommand implements Runnable {
  @Mixin CommonOptions common;
  @Spec private CommandSpec spec;
  private final Host host;

  ModelsCommand(Host host) {
    this.host = host;
  }

  @Override
  public void run() {
    ModelCache cache = host.models().get();
    PrintWriter out = spec.commandLine().getOut();
    line(out, "NAME", "FOR", "SIZE", "HERE");
    for (IncludedModel model : IncludedModel.values()) {
      String purpose = model.checkpoint().metadata().getOrDefault(SamModel.PURPOSE, "");
      line(out, model.title(), purpose, ByteSize.of(model.bytes().length), "included");
    }
    for (PublishedModel model : cache.registry().models()) {
      line(out, model.name(), model.purpose(), size(cache, model), here(cache, model));
    }
    out.println();
    out.println("Cache: " + cache.folder());
    out.flush();
  }

  private static void line(PrintWriter out, String name, String purpose, String size, String here) {
    out.printf(Locale.ROOT, "%-26s %-46s %10s  %s%n", name, purpose, size, here);
  }

  private static String size(ModelCache cache, PublishedModel model) {
    long bytes = 0;
    boolean exact = true;
    for (PublishedFile file : model.files()) {
      OptionalLong cached = cache.cachedBytes(file);
      exact &= cached.isPresent();
      bytes += cached.orElse(file.approximateBytes());
    }
    return (exact ? "" : "~") + ByteSize.of(bytes);
  }

  private static String here(ModelCache cache, PublishedModel model) {
    if (cache.isCached(model)) {
      return "yes";
    }
    return model.files().stream()
        .filter(file -> cache.cachedBytes(file).isPresent())
        .findFirst()
        .map(file -> file.equals(model.weights()) ? "without decoder" : "decoder only")
        .orElse("no");
  }
}

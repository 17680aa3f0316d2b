package io.github.microsam.cli;

import io.github.microsam.embedding.CacheOptions;
import io.github.microsam.io.ImageFile;
import io.github.microsam.io.ImageFiles;
import io.github.microsam.model.SamModel;
import io.github.microsam.zarr.ZarrFormat;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code microsam embed}: the embeddings of images, computed once and kept. */
@Command(
    name = "embed",
    description = {
      "Compute the embeddings of images and keep them.",
      "",
      "An image may be a file, an OME-Zarr, a folder of images, or a pattern such as"
          + " \"plate?/*.tif\". Slices or frames of a stack are embedded one by one, into one"
          + " cache. A cache is a Zarr that micro-sam opens too.",
      "",
      "A run that was stopped goes on where it stopped when it is started again; what is complete"
          + " is left as it is. A cache of other pixels, tiles or of another model is an error."
    },
    footer = {
      "",
      "Examples:",
      "  microsam embed cells.tif -o cells.zarr",
      "  microsam embed slide.ome.zarr -o slide.zarr --tile 768 --halo 128 --mask tissue.png",
      "  microsam embed plate/ -o embeddings/ --model vit_l_lm"
    })
final class EmbedCommand implements Callable<Integer> {
  @Mixin CommonOptions common;

  @Parameters(
      arity = "1..*",
      paramLabel = "IMAGE",
      description = "Images, folders of images or patterns.")
  private List<String> names;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "MODEL",
      defaultValue = NamedModel.DEFAULT,
      description =
          "A checkpoint, or a name that microsam models lists, whose model is downloaded once;"
              + " default ${DEFAULT-VALUE}, which is included.")
  private String model;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "CACHE",
      required = true,
      description =
          "For a single image the cache, ending with .zarr; else the folder in which each image has"
              + " its cache IMAGE.zarr.")
  private Path output;

  @Option(
      names = "--tile",
      paramLabel = "SIZE|WxH",
      description = "Cut images into tiles of this size; by default they are not cut.")
  private String tile;

  @Option(
      names = "--halo",
      paramLabel = "SIZE|XxY",
      description = "Pixels that are added to tiles on each side; by default an eighth of --tile.")
  private String halo;

  @Option(
      names = "--mask",
      paramLabel = "FILE",
      description =
          "Leave out tiles that with their halo are 0 everywhere in this image, of the same size.")
  private Path mask;

  @Option(
      names = "--zarr-version",
      paramLabel = "2|3",
      defaultValue = "2",
      description = "Version of new caches; default ${DEFAULT-VALUE}, which all programs read.")
  private int version;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print errors only.")
  private boolean quiet;

  @Spec private CommandSpec spec;
  private final Host host;

  EmbedCommand(Host host) {
    this.host = host;
  }

  @Override
  public Integer call() {
    CacheOptions options = options();
    Map<Path, Path> files = files();
    if (mask != null) {
      if (files.size() > 1) {
        throw misuse("--mask is for a single image.");
      }
      options = options.withMask(ImageFile.open(mask).plane());
    }
    PrintWriter err = spec.commandLine().getErr();
    int failed = 0;
    NamedModel named = new NamedModel(model, host, err);
    try (SamModel sam = named.open()) {
      EmbeddingCaches caches = EmbeddingCaches.of(sam, named, files);
      for (Path image : files.keySet()) {
        try {
          embed(image, caches, options);
        } catch (RuntimeException e) {
          if (files.size() == 1) {
            throw e;
          }
          failed++;
          tell(image, e);
        }
      }
    }
    if (failed > 0) {
      err.println(failed + " of " + files.size() + " images failed.");
      err.flush();
    }
    return failed == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private CacheOptions options() {
    ZarrFormat format =
        switch (version) {
          case 2 -> ZarrFormat.V2;
          case 3 -> ZarrFormat.V3;
          default -> throw misuse("--zarr-version " + version + ": expected 2 or 3.");
        };
    CacheOptions options = CacheOptions.defaults().withFormat(format);
    if (tile == null) {
      if (halo != null || mask != null) {
        throw misuse((halo != null ? "--halo" : "--mask") + " needs --tile.");
      }
      return options;
    }
    try {
      return options.withTiles(TileArguments.withHalo(tile, halo));
    } catch (CommandException e) {
      throw misuse(e.getMessage());
    }
  }

  private ParameterException misuse(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private Map<Path, Path> files() {
    try {
      return EmbeddingCaches.files(ImageFiles.of(names), output);
    } catch (CommandException e) {
      throw misuse(e.getMessage());
    }
  }

  private void embed(Path image, EmbeddingCaches caches, CacheOptions options) {
    ProgressLine line =
        new ProgressLine(spec.commandLine().getErr(), host.terminal(), ProgressLine.Unit.STEPS);
    try {
      caches.fill(
          image,
          ImageFile.open(image),
          options,
          (done, total) -> {
            if (!quiet) {
              line.show(image.getFileName().toString(), done, total);
            }
          });
    } finally {
      line.end();
    }
    if (!quiet) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(image + ": " + caches.files().get(image));
      out.flush();
    }
  }

  private void tell(Path image, RuntimeException e) {
    PrintWriter err = spec.commandLine().getErr();
    String message = ErrorLines.message(e);
    err.println(message.startsWith(image.toString()) ? message : image + ": " + message);
    if (common.verbose || !ErrorLines.explainsItself(e)) {
      e.printStackTrace(err);
    }
    err.flush();
  }
}

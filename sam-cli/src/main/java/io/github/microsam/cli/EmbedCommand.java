package io.github.microsam.cli;

import io.github.microsam.embedding.EmbeddingCache;
import io.github.microsam.embedding.PrecomputeListener;
import io.github.microsam.io.ImageFile;
import io.github.microsam.io.ImageFiles;
import io.github.microsam.model.SamModel;
import io.github.microsam.segment.AutomaticSegmentation;
import io.github.microsam.segment.InputChoice;
import io.github.microsam.segment.Mode;
import io.github.microsam.segment.SegmentationException;
import io.github.microsam.segment.SegmentationOptions;
import io.github.microsam.zarr.ZarrFormat;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.RealType;
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
      "Embeddings are those that segment makes in the mode, with its tiles: for ais, models such as"
          + " nano that see images at their own size are given larger inputs than prompts know, and"
          + " predict needs --mode apg or amg.",
      "",
      "An image may be a file, an OME-Zarr, a folder of images, or a pattern such as"
          + " \"plate?/*.tif\". Slices or frames of a stack are embedded one by one, into one"
          + " cache. A cache is a Zarr that micro-sam opens too.",
      "",
      "A run that was stopped goes on where it stopped when it is started again; what is complete"
          + " is left as it is. A cache of other pixels, tiles or of another model is an error, as"
          + " is a state of other points."
    },
    footer = {
      "",
      "Examples:",
      "  microsam embed cells.tif -o cells.zarr",
      "  microsam embed slide.ome.zarr -o slide.zarr --tile 768 --halo 128 --mask tissue.png",
      "  microsam embed plate/ -o embeddings/ --model vit_l_lm --state"
    })
final class EmbedCommand implements Callable<Integer> {
  @Mixin CommonOptions common;

  @Parameters(
      arity = "1..*",
      paramLabel = "IMAGE",
      description = "Images, folders of images or patterns.")
  private List<String> names;

  @Mixin private ModelArgument model;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "CACHE",
      required = true,
      description =
          "For a single image the cache, ending with .zarr; else the folder in which each image has"
              + " its cache IMAGE.zarr.")
  private Path output;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "auto",
      description = {
        "What the embeddings are for: auto, amg, ais or apg; auto is ais where the model has a"
            + " decoder, else amg."
      })
  private Mode mode;

  @Option(
      names = "--state",
      description = {
        "Keep beside the embeddings what segment makes of them in the mode before any threshold:"
            + " maps for ais and apg, masks of points for amg. Other thresholds take moments then."
      })
  private boolean state;

  @Option(
      names = "--mask",
      paramLabel = "FILE",
      description =
          "Leave out tiles that with their halo are 0 everywhere in this image, of the same size;"
              + " an image that is not cut is embedded whole.")
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

  @Mixin private TileArguments tiles;
  @Spec private CommandSpec spec;
  private final Host host;

  EmbedCommand(Host host) {
    this.host = host;
  }

  @Override
  public Integer call() {
    ZarrFormat format = format();
    tiled(SegmentationOptions.reference());
    Map<Path, Path> files = files();
    if (mask != null && files.size() > 1) {
      throw misuse("--mask is for a single image.");
    }
    Optional<RandomAccessibleInterval<? extends RealType<?>>> within =
        Optional.ofNullable(mask).map(m -> ImageFile.open(m).plane());
    PrintWriter err = spec.commandLine().getErr();
    int failed = 0;
    NamedModel named = new NamedModel(model.name, host, err);
    try (SamModel sam = named.open()) {
      AutomaticSegmentation automatic = AutomaticSegmentation.of(sam, mode);
      SegmentationOptions options = tiled(automatic.defaults());
      EmbeddingCaches caches = EmbeddingCaches.of(sam, named, files);
      for (Path image : files.keySet()) {
        try {
          ImageFile file = ImageFile.open(image);
          InputChoice input = automatic.input(file.width(), file.height(), options);
          embed(
              image,
              files.get(image),
              listener -> {
                int parts = state ? 2 : 1;
                EmbeddingCache cache =
                    caches.fill(
                        image,
                        file,
                        input,
                        within,
                        format,
                        (done, total) -> listener.progress(done, parts * total));
                if (state) {
                  automatic.keepState(
                      cache,
                      options,
                      (done, total) -> listener.progress(total + done, parts * total));
                }
              });
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

  private ZarrFormat format() {
    return switch (version) {
      case 2 -> ZarrFormat.V2;
      case 3 -> ZarrFormat.V3;
      default -> throw misuse("--zarr-version " + version + ": expected 2 or 3.");
    };
  }

  private SegmentationOptions tiled(SegmentationOptions defaults) {
    try {
      return tiles.over(defaults);
    } catch (CommandException | SegmentationException e) {
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

  private void embed(Path image, Path cache, Consumer<PrecomputeListener> filling) {
    ProgressLine line =
        new ProgressLine(spec.commandLine().getErr(), host.terminal(), ProgressLine.Unit.STEPS);
    try {
      filling.accept(
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
      out.println(image + ": " + cache);
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

package io.github.microsam.cli;

import io.github.microsam.image.ImageException;
import io.github.microsam.io.ImageFiles;
import io.github.microsam.io.LabelFormat;
import io.github.microsam.model.SamModel;
import io.github.microsam.segment.AutomaticSegmentation;
import io.github.microsam.segment.Mode;
import io.github.microsam.segment.SegmentationException;
import io.github.microsam.segment.SegmentationOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code microsam segment}: all objects of images, without prompts. */
@Command(
    name = "segment",
    description = {
      "Segment all objects of images.",
      "",
      "An image may be a TIFF, PNG, JPEG or BMP file, an OME-Zarr, a folder of images, or a pattern"
          + " such as \"plate?/*.tif\". The planes of a stack are segmented one by one, and no two"
          + " objects of it have the same number.",
      "",
      "Of cells.tif are written, into the folder segmented or where --output says:",
      "  cells_labels.tif        in which each object has its number",
      "  cells_measurements.csv  place, size and shape of each object",
      "  cells_overlay.png       the image with the objects' outlines, unless it is a stack",
      "Images whose results are there already are skipped; where only some are, these are kept and"
          + " the others written. A level of an OME-Zarr, cells.ome.zarr/1, gives"
          + " cells_1_labels.tif.",
      "",
      "Mode ais lets objects grow in what the model's decoder shows; amg prompts with a grid of"
          + " points, works with every model and is slow; apg prompts where the decoder shows"
          + " objects. What is not given below is as it suits the model best."
    },
    footer = {
      "",
      "Examples:",
      "  microsam segment cells.tif",
      "  microsam segment cells.tif --model vit_b_lm -o cells_labels.tif",
      "  microsam segment plate/ -o results --model mine.safetensors --format tif,roi",
      "  microsam segment slide.tif --model vit_l_lm --tile 768 --halo 128 --min-size 50",
      "  microsam segment cells.png --model vit_b --mode amg --points-per-side 16",
      "  microsam segment plate/ --model vit_b_lm --embeddings embeddings/"
    })
final class SegmentCommand implements Callable<Integer> {
  /** Where results go that nobody gave a place. */
  private static final Path FOLDER = Path.of("segmented");

  @Mixin CommonOptions common;

  @Parameters(
      index = "0..*",
      arity = "1..*",
      paramLabel = "IMAGE",
      description = "Images, folders, patterns.")
  private List<String> names;

  @Mixin private ModelArgument model;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "PATH",
      description =
          "A folder for the results, by default segmented in the current one; for a single image"
              + " also the file with the labels.")
  private Path output;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "auto",
      description = "auto, amg, ais or apg; auto is ais where the model has a decoder, else amg.")
  private Mode mode;

  @Option(
      names = "--format",
      split = ",",
      paramLabel = "FORMAT",
      description =
          "One or several of tif, png, roi (ImageJ), geojson (QuPath), coco, zarr (OME-Zarr),"
              + " csv (measurements); by default tif, csv and the overlay, and nothing else where"
              + " this is given.")
  private List<LabelFormat> formats;

  @Option(
      names = "--measure",
      negatable = true,
      description = "Write a table of measurements, as --format csv.")
  private Boolean measure;

  @Option(
      names = "--overlay",
      negatable = true,
      description = "Write a picture with the objects' outlines.")
  private Boolean overlay;

  @Option(
      names = "--mask",
      paramLabel = "FILE",
      description = "Segment only where this image, of the same size, is not 0.")
  private Path mask;

  @Option(
      names = "--embeddings",
      paramLabel = "CACHE",
      description = {
        "Use embeddings that microsam embed made, and make those that are missing: for a single"
            + " image the cache, ending with .zarr; else the folder in which each image has its"
            + " cache IMAGE.zarr. Objects are those that are found without a cache, but for one"
            + " that was made with other tiles or for another mode, which without --tile is used as"
            + " it is. What microsam embed --state kept there is used as well, except with --mask."
      })
  private Path embeddings;

  @Option(names = "--overwrite", description = "Replace results that exist.")
  private boolean overwrite;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print errors only.")
  private boolean quiet;

  @Mixin private TileArguments tiles;
  @Mixin private SegmentArguments arguments;
  @Spec private CommandSpec spec;
  private final Host host;

  SegmentCommand(Host host) {
    this.host = host;
  }

  @Override
  public Integer call() {
    optionsOver(SegmentationOptions.reference());
    refuseUnused(mode);
    List<Path> images = images();
    Map<Path, SegmentTargets> targets = targets(images);
    Map<Path, Path> caches = embeddings == null ? Map.of() : caches(images);
    SegmentReport report = new SegmentReport(spec.commandLine(), host, quiet, common.verbose);
    Map<Path, SegmentTargets> todo = new LinkedHashMap<>();
    targets.forEach(
        (image, files) -> {
          if (!overwrite && files.exist()) {
            report.skipped(image);
          } else {
            todo.put(image, files);
          }
        });
    if (!todo.isEmpty()) {
      prepareFolders(todo);
      PrintWriter err = spec.commandLine().getErr();
      NamedModel named = new NamedModel(model.name, host, err);
      try (SamModel sam = named.open()) {
        AutomaticSegmentation automatic = AutomaticSegmentation.of(sam, mode);
        refuseUnused(automatic.mode());
        SegmentationOptions options = optionsOver(automatic.defaults());
        if (embeddings != null && options.grid().cropLayers() > 0) {
          throw misuse(
              "--crop-layers embeds crops by themselves; --embeddings does not keep them.");
        }
        new SegmentRun(
                automatic,
                options,
                Optional.ofNullable(mask),
                Optional.ofNullable(embeddings)
                    .map(e -> EmbeddingCaches.of(sam, named, caches))
                    .map(
                        e -> new SegmentEmbeddings(e, automatic.mode() != Mode.AIS, tiles.given())),
                overwrite)
            .run(todo, report);
      }
    }
    return report.summary(targets.size());
  }

  private SegmentationOptions optionsOver(SegmentationOptions defaults) {
    try {
      return tiles.over(arguments.over(defaults));
    } catch (CommandException | SegmentationException e) {
      throw misuse(e.getMessage());
    }
  }

  /** The images, without results of a run before. */
  private List<Path> images() {
    List<Path> all = ImageFiles.of(names);
    Set<Path> known =
        all.stream()
            .map(file -> file.resolveSibling(SegmentTargets.stem(file)))
            .collect(Collectors.toSet());
    return all.stream()
        .filter(file -> SegmentTargets.imageOf(file).filter(known::contains).isEmpty())
        .toList();
  }

  private Map<Path, SegmentTargets> targets(List<Path> images) {
    Map<Path, SegmentTargets> targets = new LinkedHashMap<>();
    Optional<LabelFormat> file = fileFormat(images.size());
    for (Path image : images) {
      targets.put(
          image,
          file.isPresent()
              ? SegmentTargets.file(output, file.get(), Boolean.TRUE.equals(overlay))
              : SegmentTargets.in(
                  output != null ? output : FOLDER,
                  image,
                  formats(),
                  overlay != null ? overlay : formats == null,
                  overlay == null));
    }
    refuseTwins(targets);
    return targets;
  }

  private Map<Path, Path> caches(List<Path> images) {
    try {
      return EmbeddingCaches.files(images, embeddings);
    } catch (CommandException e) {
      throw misuse(e.getMessage());
    }
  }

  private List<LabelFormat> formats() {
    Set<LabelFormat> wanted = new LinkedHashSet<>();
    wanted.addAll(formats == null ? List.of(LabelFormat.TIF) : formats);
    if (measure != null ? measure : formats == null) {
      wanted.add(LabelFormat.CSV);
    }
    return List.copyOf(wanted);
  }

  /** The format of --output if that names a file. */
  private Optional<LabelFormat> fileFormat(int images) {
    if (output == null || Files.isDirectory(output)) {
      return Optional.empty();
    }
    LabelFormat format;
    try {
      format = LabelFormat.of(output);
    } catch (ImageException e) {
      return Optional.empty();
    }
    if (images > 1) {
      throw misuse(
          "--output %s is a file, for %d images; name a folder.".formatted(output, images));
    }
    if (formats != null || Boolean.TRUE.equals(measure)) {
      throw misuse(
          "--output %s is one file; with --format and --measure name a folder.".formatted(output));
    }
    return Optional.of(format);
  }

  private void refuseTwins(Map<Path, SegmentTargets> targets) {
    Map<Path, Path> writers = new HashMap<>();
    targets.forEach(
        (image, files) -> {
          for (Path file : files.all()) {
            Path other = writers.putIfAbsent(file.toAbsolutePath().normalize(), image);
            if (other != null) {
              throw new CommandException(
                  "%s and %s would both be written to %s: segment them one by one, with --output."
                      .formatted(other, image, file));
            }
          }
        });
  }

  private static void prepareFolders(Map<Path, SegmentTargets> targets) {
    Set<Path> folders =
        targets.values().stream()
            .flatMap(t -> t.all().stream())
            .map(file -> file.toAbsolutePath().getParent())
            .collect(Collectors.toSet());
    for (Path folder : folders) {
      try {
        Files.createDirectories(folder);
      } catch (IOException e) {
        throw new CommandException(folder + " cannot be made (" + e + "): name another --output.");
      }
      if (!Files.isWritable(folder)) {
        throw new CommandException(folder + " is not writable: name another folder by --output.");
      }
    }
  }

  /** Before the model is known, auto may become either mode. */
  private void refuseUnused(Mode used) {
    List<String> mistakes = new ArrayList<>();
    arguments
        .unused(
            spec.commandLine().getParseResult(),
            used == Mode.AUTO ? EnumSet.of(Mode.AIS, Mode.AMG) : EnumSet.of(used))
        .forEach(
            (name, modes) ->
                mistakes.add(
                    name
                        + " is for mode "
                        + modes.stream()
                            .map(m -> m.name().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(" or "))));
    if (!mistakes.isEmpty()) {
      throw misuse(
          "%s; the mode here is %s."
              .formatted(String.join(", ", mistakes), used.name().toLowerCase(Locale.ROOT)));
    }
  }

  private ParameterException misuse(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}

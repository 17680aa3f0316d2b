package io.github.microsam.cli;

import io.github.microsam.embedding.PrecomputeListener;
import io.github.microsam.embedding.TileEmbeddings;
import io.github.microsam.engine.Precision;
import io.github.microsam.image.ImageSource;
import io.github.microsam.io.ImageFile;
import io.github.microsam.io.LabelFile;
import io.github.microsam.io.Overlay;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.Prompt;
import io.github.microsam.prompt.SamPredictor;
import io.github.microsam.segment.InputChoice;
import io.github.microsam.segment.SegmentationDefaults;
import io.github.microsam.segment.TiledPredictor;
import io.github.microsam.segment.Tiles;
import io.github.microsam.zarr.ZarrFormat;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImg;
import net.imglib2.img.basictypeaccess.array.IntArray;
import net.imglib2.type.numeric.RealType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code microsam predict}: objects that points and boxes show, in one image. */
@Command(
    name = "predict",
    description = {
      "Segment the objects that points and boxes show.",
      "",
      "Coordinates are pixels of the image, x to the right and y down. Each --box is an object. All"
          + " points together are one object: --point lies on it, --negative beside it; with a"
          + " single --box they say more about that box. Objects of several points each are written"
          + " into a file for --prompts.",
      "",
      "Writes a label image, in which the first object has the value 1, the second 2 and so on,"
          + " smaller objects over larger ones, and the image with the objects' outlines.",
      "",
      "A prompts file is JSON:",
      "  [{\"box\": [10, 20, 60, 80]},",
      "   {\"points\": [[30, 40], [90, 40]], \"labels\": [1, 0]}]",
      "or CSV, where rows of the same object belong together:",
      "  object,type,x,y,x1,y1",
      "  1,box,10,20,60,80",
      "  2,point,30,40,,",
      "  2,negative,90,40,,"
    },
    footer = {
      "",
      "Examples:",
      "  microsam predict nuclei.png --box 100,60,150,110",
      "  microsam predict cells.tif --model vit_b_lm --box 100,60,150,110",
      "  microsam predict cells.tif --model vit_l_lm --point 120,80 --negative 160,80",
      "  microsam predict cells.png --model mine.safetensors --prompts objects.csv -o"
          + " cells_labels.tif"
    })
final class PredictCommand implements Runnable {
  @Mixin CommonOptions common;

  @Parameters(index = "0", paramLabel = "IMAGE", description = "TIFF, PNG, JPEG or BMP.")
  private Path image;

  @Mixin private ModelArgument model;

  @Option(names = "--box", paramLabel = "X0,Y0,X1,Y1", description = "A box around an object.")
  private List<String> boxes = List.of();

  @Option(names = "--point", paramLabel = "X,Y", description = "A point on the object.")
  private List<String> points = List.of();

  @Option(names = "--negative", paramLabel = "X,Y", description = "A point beside the object.")
  private List<String> negatives = List.of();

  @Option(names = "--prompts", paramLabel = "FILE", description = "Many objects; JSON or CSV.")
  private Path prompts;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "The label image, .tif or .png; by default IMAGE_labels.tif, here.")
  private Path output;

  @Option(
      names = "--overlay",
      paramLabel = "FILE",
      description = "The picture of the result, .png; by default IMAGE_overlay.png, here.")
  private Path overlay;

  @Option(
      names = "--precision",
      paramLabel = "PRECISION",
      defaultValue = "float32",
      description = {
        "float32 or bfloat16, which is faster on processors with AMX instructions and changes masks"
            + " a little; default ${DEFAULT-VALUE}."
      })
  private String precision;

  @Option(
      names = "--embeddings",
      paramLabel = "CACHE",
      description = {
        "Use the embedding that microsam embed made, or make it: the cache, ending with .zarr, or"
            + " the folder in which it is IMAGE.zarr. In one that is cut into tiles an object is"
            + " segmented in the tile that its prompt is in."
      })
  private Path embeddings;

  @Option(names = "--overwrite", description = "Replace files that exist.")
  private boolean overwrite;

  @Spec private CommandSpec spec;
  private final Host host;

  PredictCommand(Host host) {
    this.host = host;
  }

  @Override
  public void run() {
    List<Prompt> objects = objects();
    Path labelFile = target(output, "_labels.tif");
    Path overlayFile = target(overlay, "_overlay.png");
    RandomAccessibleInterval<? extends RealType<?>> pixels = ImageFile.open(image).plane();
    NamedModel named = new NamedModel(model.name, host, spec.commandLine().getErr());
    try (SamModel sam = named.open(precision())) {
      SamPredictor predictor = new SamPredictor(sam);
      ImageSource source = ImageSource.of(pixels);
      TileEmbeddings tiles =
          embeddings == null
              ? TileEmbeddings.compute(
                  predictor, source, tiles(sam).of(source.width(), source.height()))
              : cached(sam, named);
      List<TiledPredictor.Answer> answers = new TiledPredictor(predictor, tiles).predict(objects);
      PaintedObjects painted =
          PaintedObjects.of(
              answers.stream().map(TiledPredictor.Answer::mask).toList(),
              source.width(),
              source.height());
      write(painted.labels(), pixels, labelFile, overlayFile);
      report(answers, painted, List.of(labelFile, overlayFile));
    }
  }

  /** A model that sees images as they are sees parts of what is larger than its input. */
  private static Tiles tiles(SamModel sam) {
    return sam.options().nativeResolution()
        ? SegmentationDefaults.of(sam).tiles()
        : new Tiles.Whole();
  }

  private TileEmbeddings cached(SamModel sam, NamedModel named) {
    Map<Path, Path> files = EmbeddingCaches.files(List.of(image), embeddings);
    EmbeddingCaches caches = EmbeddingCaches.of(sam, named, files);
    ImageFile file = ImageFile.open(image);
    InputChoice direct = new InputChoice(sam, tiles(sam).of(file.width(), file.height()));
    return caches
        .fill(
            image,
            file,
            caches.asMade(image, file, direct, true),
            Optional.empty(),
            ZarrFormat.V2,
            PrecomputeListener.SILENT)
        .embeddings();
  }

  private List<Prompt> objects() {
    boolean written = !boxes.isEmpty() || !points.isEmpty() || !negatives.isEmpty();
    if (prompts != null && written) {
      throw misuse("--prompts has all objects; give either it or --box, --point and --negative.");
    }
    if (prompts != null) {
      return PromptFile.read(prompts);
    }
    if (!written) {
      throw misuse("Which objects? Give --box, --point or --prompts.");
    }
    List<Prompt> objects = new ArrayList<>();
    for (String box : boxes) {
      double[] b = numbers("--box", box, 4);
      objects.add(Prompt.box(b[0], b[1], b[2], b[3]));
    }
    if (!points.isEmpty() || !negatives.isEmpty()) {
      if (objects.size() > 1) {
        throw misuse("Which of the boxes do the points belong to? A file for --prompts can tell.");
      }
      Prompt shown = shown();
      objects = List.of(objects.isEmpty() ? shown : objects.get(0).and(shown));
    }
    return objects;
  }

  private Prompt shown() {
    List<Prompt.Point> all = new ArrayList<>();
    for (String point : points) {
      double[] p = numbers("--point", point, 2);
      all.add(new Prompt.Point(p[0], p[1], true));
    }
    for (String point : negatives) {
      double[] p = numbers("--negative", point, 2);
      all.add(new Prompt.Point(p[0], p[1], false));
    }
    return Prompt.points(all);
  }

  private double[] numbers(String option, String text, int count) {
    String[] parts = text.split(",", -1);
    double[] numbers = new double[parts.length];
    try {
      for (int i = 0; i < parts.length; i++) {
        numbers[i] = Double.parseDouble(parts[i].trim());
      }
    } catch (NumberFormatException e) {
      numbers = new double[0];
    }
    if (numbers.length != count) {
      throw misuse(
          option + " " + text + ": expected " + count + " numbers with commas between them.");
    }
    return numbers;
  }

  private ParameterException misuse(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private Path target(Path named, String ending) {
    String name = image.getFileName().toString();
    int dot = name.lastIndexOf('.');
    Path target =
        named != null ? named : Path.of((dot > 0 ? name.substring(0, dot) : name) + ending);
    if (!overwrite && Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new CommandException(target + " exists already; --overwrite replaces it.");
    }
    return target;
  }

  private Precision precision() {
    return switch (precision) {
      case "float32" -> Precision.FLOAT32;
      case "bfloat16" -> Precision.BFLOAT16;
      default -> throw misuse("--precision is " + precision + "; expected float32 or bfloat16.");
    };
  }

  private static void write(
      ArrayImg<UnsignedIntType, IntArray> labels,
      RandomAccessibleInterval<? extends RealType<?>> pixels,
      Path labelFile,
      Path overlayFile) {
    LabelFile.write(labelFile, labels);
    Overlay.defaults(Math.toIntExact(labels.dimension(0)), Math.toIntExact(labels.dimension(1)))
        .write(overlayFile, ImageSource.of(pixels), labels);
  }

  private void report(
      List<TiledPredictor.Answer> answers, PaintedObjects painted, List<Path> files) {
    PrintWriter out = spec.commandLine().getOut();
    for (int i = 0; i < answers.size(); i++) {
      out.println(
          String.format(
              Locale.ROOT,
              "%d: %d pixels, predicted IoU %.3f",
              i + 1,
              painted.area(i),
              answers.get(i).prediction().iouPrediction()));
    }
    files.forEach(out::println);
    out.flush();
  }
}

package io.github.microsam.cli;

import io.github.microsam.image.EightBitImage;
import io.github.microsam.io.LabelFile;
import io.github.microsam.io.WholeFile;
import io.github.microsam.train.data.LabelledPlane;
import io.github.microsam.train.data.StableRandom;
import io.github.microsam.train.synthetic.SyntheticCells;
import io.github.microsam.train.synthetic.SyntheticKind;
import io.github.microsam.train.synthetic.SyntheticLook;
import io.github.microsam.train.synthetic.SyntheticOptions;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalDouble;
import javax.imageio.ImageIO;
import net.imglib2.img.array.ArrayImgs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code microsam synthesize}: images to try things with, with exact labels. */
@Command(
    name = "synthesize",
    description = {
      "Make synthetic microscopy images with the label image of each.",
      "",
      "For trying out training and evaluation without data of one's own: images go to DIR/images,"
          + " label images of the same names to DIR/labels, both PNG. The same seed makes the same"
          + " images."
    },
    footer = {
      "",
      "Examples:",
      "  microsam synthesize -o demo",
      "  microsam synthesize -o demo --kind membranes --count 20 --size 256x256"
    })
final class SynthesizeCommand implements Runnable {
  private static final int MAX_SIDE = 16_384;

  @Mixin CommonOptions common;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      required = true,
      description = "Folder for the folders images and labels; files in them are not replaced.")
  private Path output;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = {
        "What the images show: nuclei (default; fluorescence), phase_contrast, membranes, vesicles"
            + " (electron microscopy), tissue (H&E) or cytology."
      })
  private SyntheticKind kind = SyntheticKind.NUCLEI;

  @Option(names = "--count", paramLabel = "N", description = "Number of images, 8 by default.")
  private int count = 8;

  @Option(
      names = "--size",
      paramLabel = "WxH",
      description = "Width and height in pixels, 512x512 by default.")
  private String size = "512x512";

  @Option(names = "--seed", paramLabel = "N", description = "Seed, 1 by default.")
  private long seed = 1;

  @Option(
      names = "--density",
      paramLabel = "F",
      description =
          "Part of the area that objects cover, 0 to 1; this and the following are typical for"
              + " the kind by default.")
  private Double density;

  @Option(
      names = "--overlap",
      paramLabel = "F",
      description = "How far touching objects lie on each other, 0 to 0.8.")
  private Double overlap;

  @Option(
      names = "--blur",
      paramLabel = "F",
      description = "Standard deviation of the point spread in pixels.")
  private Double blur;

  @Option(
      names = "--noise",
      paramLabel = "F",
      description = "Standard deviation of the noise in grey levels of 255.")
  private Double noise;

  @Option(
      names = "--background",
      paramLabel = "F",
      description = "Grey level without objects, 0 to 1.")
  private Double background;

  @Option(
      names = "--varied",
      description = "Draw sizes, densities, contrast and noise anew for each image, around these.")
  private boolean varied;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    SyntheticOptions options = sized(looking(SyntheticOptions.of(kind)));
    if (count < 1) {
      throw new ParameterException(
          spec.commandLine(), "--count is " + count + "; expected 1 or more");
    }
    for (int i = 0; i < count; i++) {
      long imageSeed = seed + i;
      LabelledPlane plane =
          SyntheticCells.generate(
              varied ? options.varied(StableRandom.of(imageSeed)) : options, imageSeed);
      write(plane, "%s_%03d.png".formatted(kind.name().toLowerCase(Locale.ROOT), imageSeed));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%d images in %s, their labels in %s%n",
        count, output.resolve("images"), output.resolve("labels"));
    out.flush();
  }

  private SyntheticOptions looking(SyntheticOptions typical) {
    try {
      return new SyntheticLook(
              given(density), given(overlap), given(blur), given(noise), given(background))
          .of(typical);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  private static OptionalDouble given(Double value) {
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  private SyntheticOptions sized(SyntheticOptions options) {
    String[] sides = size.split("x", -1);
    try {
      int width = Integer.parseInt(sides[0]);
      int height = Integer.parseInt(sides[sides.length - 1]);
      if (sides.length == 2
          && Math.min(width, height) >= 8
          && Math.max(width, height) <= MAX_SIDE) {
        return options.withSize(width, height);
      }
    } catch (NumberFormatException e) {
      // Reported below with all else that is wrong with it.
    }
    throw new ParameterException(
        spec.commandLine(),
        "--size is " + size + "; expected width x height, 8 to " + MAX_SIDE + ", as in 512x512");
  }

  private void write(LabelledPlane plane, String name) {
    Path image = output.resolve("images").resolve(name);
    Path labels = output.resolve("labels").resolve(name);
    for (Path file : new Path[] {image, labels}) {
      if (Files.exists(file)) {
        throw new CommandException(
            file + " exists and is not replaced; delete it or choose another folder");
      }
    }
    LabelFile.write(labels, ArrayImgs.ints(plane.labels(), plane.width(), plane.height()));
    WholeFile.write(
        image,
        temporary -> {
          if (!ImageIO.write(picture(plane.image()), "png", temporary.toFile())) {
            throw new IOException("no writer for PNG");
          }
        });
  }

  private static BufferedImage picture(EightBitImage image) {
    boolean grey = image.channels() == 1;
    BufferedImage picture =
        new BufferedImage(
            image.width(),
            image.height(),
            grey ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
    float[] row = new float[image.width()];
    for (int y = 0; y < image.height(); y++) {
      for (int c = 0; c < image.channels(); c++) {
        image.readRow(c, y, row);
        picture.getRaster().setSamples(0, y, image.width(), 1, c, row);
      }
    }
    return picture;
  }
}

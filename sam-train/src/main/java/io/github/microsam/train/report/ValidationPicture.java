package io.github.microsam.train.report;

import io.github.microsam.image.EightBitImage;
import io.github.microsam.io.Overlay;
import io.github.microsam.io.WholeFile;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.Prediction;
import io.github.microsam.prompt.Prompt;
import io.github.microsam.prompt.SamPredictor;
import io.github.microsam.segment.AisOptions;
import io.github.microsam.segment.DistanceMaps;
import io.github.microsam.segment.DistanceWatershed;
import io.github.microsam.segment.MapDecoder;
import io.github.microsam.train.data.Sample;
import io.github.microsam.train.loss.DiceLoss;
import io.github.microsam.train.loss.SemanticLoss;
import io.github.microsam.train.prompts.TrueObject;
import io.github.microsam.train.prompts.TrueObjects;
import io.github.microsam.train.step.ModelSteps;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import net.imglib2.Cursor;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;

/**
 * A sample beside what a model makes of it: image, true objects, predicted objects, and maps as
 * grey levels. For one thread.
 */
public final class ValidationPicture {
  private static final int GAP = 4;

  /** Small patches are shown larger. */
  private static final int LEAST_SIDE = 256;

  private final int width;
  private final int height;
  private final Sample sample;
  private final EightBitImage image;
  private final int[] labels;
  private final List<BufferedImage> panels = new ArrayList<>();

  /**
   * A picture with a sample's image and true objects.
   *
   * @param sample what the model was given
   */
  public ValidationPicture(Sample sample) {
    this.sample = sample;
    width = sample.width();
    height = sample.height();
    labels = sample.labels();
    byte[] pixels = new byte[sample.image().length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (int) Math.min(255, Math.max(0, Math.rint(sample.image()[i])));
    }
    image = new EightBitImage(width, height, 3, pixels);
    panels.add(overlay(new int[width * height]));
    panels.add(overlay(sample.labels()));
  }

  /**
   * Adds predicted objects.
   *
   * @param labels shape [height, width], 0 for background
   * @return this
   * @throws IllegalArgumentException if their number does not fit
   */
  public ValidationPicture withObjects(int[] labels) {
    requireSize("labels", labels.length);
    panels.add(overlay(labels));
    return this;
  }

  /**
   * Adds the objects that a model predicts from a box around each true one.
   *
   * @param model an open model
   * @return this
   */
  public ValidationPicture withBoxes(SamModel model) {
    List<TrueObject> truth = new TrueObjects(labels, width, height).all();
    int[] predicted = new int[width * height];
    if (!truth.isEmpty()) {
      SamPredictor predictor = new SamPredictor(model);
      List<Prediction> predictions =
          predictor.predict(
              predictor.embed(image),
              truth.stream()
                  .map(o -> Prompt.box(o.box().x0(), o.box().y0(), o.box().x1(), o.box().y1()))
                  .toList());
      for (int k = 0; k < truth.size(); k++) {
        paint(predictions.get(k), truth.get(k).id(), predicted);
      }
    }
    return withObjects(predicted);
  }

  private static void paint(Prediction prediction, int id, int[] labels) {
    Cursor<NativeBoolType> mask = Views.flatIterable(prediction.mask()).cursor();
    for (int i = 0; i < labels.length; i++) {
      if (mask.next().get()) {
        labels[i] = id;
      }
    }
  }

  /**
   * Adds the objects that a model finds by itself, and the maps that it finds them in.
   *
   * @param model an open model with a decoder for automatic segmentation
   * @return this
   */
  public ValidationPicture withAutomatic(SamModel model) {
    DistanceMaps maps = new MapDecoder(model).maps(new SamPredictor(model).embed(image));
    int pixels = width * height;
    int[] found = new int[pixels];
    Cursor<UnsignedIntType> objects =
        Views.flatIterable(DistanceWatershed.segment(maps, AisOptions.defaults())).cursor();
    float[] values = new float[3 * pixels];
    List<Cursor<FloatType>> cursors =
        Stream.of(maps.foreground(), maps.centerDistances(), maps.boundaryDistances())
            .map(map -> Views.flatIterable(map).cursor())
            .toList();
    for (int i = 0; i < pixels; i++) {
      found[i] = objects.next().getInt();
      for (int c = 0; c < cursors.size(); c++) {
        values[c * pixels + i] = cursors.get(c).next().get();
      }
    }
    return withObjects(found).withMaps(values);
  }

  /**
   * Adds the maps of a model, whatever they are.
   *
   * @param model an open model with a decoder for automatic segmentation
   * @return this
   */
  public ValidationPicture withMaps(SamModel model) {
    ModelSteps.Settings settings =
        new ModelSteps.Settings(Optional.empty(), Optional.of(new DiceLoss()), Optional.empty(), 1);
    try (ModelSteps steps = new ModelSteps(model, Set.of(), settings)) {
      return withMaps(steps.maps(sample));
    }
  }

  /**
   * Adds the classes that a model was trained to tell.
   *
   * @param model an open model whose candidate masks are classes
   * @return this
   */
  public ValidationPicture withClasses(SamModel model) {
    ModelSteps.Settings settings =
        new ModelSteps.Settings(
            Optional.empty(),
            Optional.empty(),
            Optional.of(new SemanticLoss(OptionalDouble.empty())),
            1);
    try (ModelSteps steps = new ModelSteps(model, Set.of(), settings)) {
      return withObjects(steps.classes(sample));
    }
  }

  /**
   * Adds maps, each as a panel.
   *
   * @param maps shape [channels, height, width], 0 is black and 1 white
   * @return this
   * @throws IllegalArgumentException if their number does not fit
   */
  public ValidationPicture withMaps(float[] maps) {
    int pixels = width * height;
    int channels = Math.max(1, maps.length / pixels);
    requireSize("values of " + channels + " maps", maps.length / channels);
    for (int c = 0; c < channels; c++) {
      BufferedImage panel = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
      for (int i = 0; i < pixels; i++) {
        int grey = (int) Math.min(255, Math.max(0, Math.rint(255.0 * maps[c * pixels + i])));
        panel.setRGB(i % width, i / width, grey * 0x010101);
      }
      panels.add(panel);
    }
    return this;
  }

  private void requireSize(String what, int found) {
    if (found != width * height) {
      throw new IllegalArgumentException(
          "%d %s for a sample of %d x %d pixels".formatted(found, what, width, height));
    }
  }

  private BufferedImage overlay(int[] labels) {
    return Overlay.defaults(width, height)
        .draw(image, ArrayImgs.unsignedInts(labels, width, height));
  }

  /**
   * Puts the panels side by side.
   *
   * @return the picture
   */
  public BufferedImage draw() {
    int zoom = Math.max(1, (LEAST_SIDE + Math.max(width, height) - 1) / Math.max(width, height));
    int step = zoom * width + GAP;
    BufferedImage picture =
        new BufferedImage(panels.size() * step - GAP, zoom * height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, picture.getWidth(), picture.getHeight());
    for (int i = 0; i < panels.size(); i++) {
      graphics.drawImage(panels.get(i), i * step, 0, zoom * width, zoom * height, null);
    }
    graphics.dispose();
    return picture;
  }

  /**
   * Writes the picture.
   *
   * @param file PNG; an existing one is replaced
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public void write(Path file) {
    BufferedImage picture = draw();
    WholeFile.write(file, temporary -> ImageIO.write(picture, "png", temporary.toFile()));
  }
}

package io.github.microsam.train.config;

import io.github.microsam.train.data.DatasetOptions;
import io.github.microsam.train.data.ImageLabelDataset;
import io.github.microsam.train.data.Manifest;
import io.github.microsam.train.data.PlaneSet;
import io.github.microsam.train.synthetic.SyntheticKind;
import io.github.microsam.train.synthetic.SyntheticLook;
import io.github.microsam.train.synthetic.SyntheticOptions;
import io.github.microsam.train.synthetic.SyntheticPlanes;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Where images for training come from. Immutable. */
public sealed interface DataSource permits DataSource.Files, DataSource.Synthetic {

  /**
   * How many of the samples are from here, relative to the other sources.
   *
   * @return above 0
   */
  double share();

  /**
   * Opens the source.
   *
   * @param reading how files are read
   * @return its planes
   * @throws io.github.microsam.train.data.DatasetException that lists what is wrong with files
   */
  PlaneSet open(DatasetOptions reading);

  /**
   * Images and label images.
   *
   * @param images folder or file
   * @param labels folder or file
   * @param share of the samples
   * @param manifest table with more about the images
   * @param weights how often images are drawn, by a column of the table and its values; images with
   *     other values have weight 1, those with 0 are left out
   */
  record Files(
      Path images,
      Path labels,
      @Otherwise(1) double share,
      Optional<Path> manifest,
      Map<String, Map<String, Double>> weights)
      implements DataSource {

    /**
     * Checks that weights have a table.
     *
     * @param images folder or file
     * @param labels folder or file
     * @param share above 0
     * @param manifest table with more about the images
     * @param weights how often images are drawn
     * @throws IllegalArgumentException if there are weights without a table
     */
    public Files {
      weights = Map.copyOf(weights);
      requireShare(share);
      if (!weights.isEmpty() && manifest.isEmpty()) {
        throw new IllegalArgumentException(
            "weights by " + weights.keySet() + " need a manifest that has these columns");
      }
    }

    @Override
    public ImageLabelDataset open(DatasetOptions reading) {
      ImageLabelDataset all = ImageLabelDataset.open(images, labels, reading);
      if (weights.isEmpty()) {
        return all;
      }
      Manifest table = Manifest.read(manifest.orElseThrow());
      return all.weighted(file -> weight(table, file));
    }

    private double weight(Manifest table, String file) {
      double weight = 1;
      for (Map.Entry<String, Map<String, Double>> column : weights.entrySet()) {
        weight *= column.getValue().getOrDefault(table.value(file, column.getKey()), 1.0);
      }
      return weight;
    }
  }

  /**
   * Synthetic images, made anew each time, with options that vary around these.
   *
   * @param kinds what they show, in turn
   * @param width in pixels
   * @param height in pixels
   * @param share of the samples
   * @param density part of the area that objects cover; else as typical for the kind
   * @param overlap how far touching objects lie on each other; else as typical
   * @param blur standard deviation of the point spread in pixels; else as typical
   * @param noise standard deviation in grey levels of 255; else as typical
   * @param background grey level without objects, 0 to 1; else as typical
   */
  record Synthetic(
      List<SyntheticKind> kinds,
      int width,
      int height,
      double share,
      OptionalDouble density,
      OptionalDouble overlap,
      OptionalDouble blur,
      OptionalDouble noise,
      OptionalDouble background)
      implements DataSource {
    /** More than the images of any validation. */
    private static final int COUNT = 1000;

    /**
     * Copies the kinds.
     *
     * @param kinds at least one
     * @param width at least 8
     * @param height at least 8
     * @param share above 0
     * @param density 0 to 1
     * @param overlap 0 to 0.8
     * @param blur 0 to 50
     * @param noise 0 to 255
     * @param background 0 to 1
     * @throws IllegalArgumentException if there is no kind or a number is out of its range
     */
    public Synthetic {
      kinds = List.copyOf(kinds);
      requireShare(share);
      if (kinds.isEmpty() || width < 8 || height < 8) {
        throw new IllegalArgumentException(
            "synthetic images of %s, %d x %d pixels; expected a kind and 8 or more"
                .formatted(kinds, width, height));
      }
      new SyntheticLook(density, overlap, blur, noise, background)
          .of(SyntheticOptions.of(kinds.get(0)));
    }

    /**
     * Nuclei of 320 × 320 pixels.
     *
     * @return the source
     */
    public static Synthetic defaults() {
      OptionalDouble typical = OptionalDouble.empty();
      return new Synthetic(
          List.of(SyntheticKind.NUCLEI), 320, 320, 1, typical, typical, typical, typical, typical);
    }

    @Override
    public PlaneSet open(DatasetOptions reading) {
      SyntheticLook look = new SyntheticLook(density, overlap, blur, noise, background);
      return new SyntheticPlanes(
          kinds.stream().map(k -> look.of(SyntheticOptions.of(k)).withSize(width, height)).toList(),
          COUNT);
    }
  }

  private static void requireShare(double share) {
    if (!(share > 0) || Double.isInfinite(share)) {
      throw new IllegalArgumentException("share is " + share + ", expected above 0");
    }
  }
}

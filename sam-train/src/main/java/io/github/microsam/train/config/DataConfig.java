package io.github.microsam.train.config;

import io.github.microsam.train.data.DatasetException;
import io.github.microsam.train.data.DatasetOptions;
import io.github.microsam.train.data.ImageLabelDataset;
import io.github.microsam.train.data.Intensities;
import io.github.microsam.train.data.MixedPlanes;
import io.github.microsam.train.data.PlaneSet;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The images of a training. Immutable.
 *
 * @param training what is trained on
 * @param validation what the model is judged by; if there is none, files of the training are set
 *     apart
 * @param validationFraction how many of the files, from 0 to 1, are set apart where there is no
 *     validation
 * @param intensities how values become 0 to 255
 * @param cacheMegabytes memory for images that were read
 */
public record DataConfig(
    List<DataSource> training,
    List<DataSource> validation,
    double validationFraction,
    Intensities intensities,
    int cacheMegabytes) {

  /**
   * Copies the lists.
   *
   * @param training what is trained on
   * @param validation what the model is judged by
   * @param validationFraction above 0 and below 1
   * @param intensities how values become 0 to 255
   * @param cacheMegabytes 0 or more
   * @throws IllegalArgumentException if a number is out of its range
   */
  public DataConfig {
    training = List.copyOf(training);
    validation = List.copyOf(validation);
    if (!(validationFraction > 0 && validationFraction < 1) || cacheMegabytes < 0) {
      throw new IllegalArgumentException(
          "validationFraction is %s and cacheMegabytes %d, expected above 0 and below 1, 0 or more"
              .formatted(validationFraction, cacheMegabytes));
    }
  }

  /**
   * No images yet; a tenth of the files for validation.
   *
   * @return the defaults
   */
  public static DataConfig defaults() {
    return new DataConfig(List.of(), List.of(), 0.1, Intensities.MIN_MAX, 1024);
  }

  /**
   * Other images for training.
   *
   * @param sources what is trained on
   * @return a copy
   */
  public DataConfig withTraining(List<DataSource> sources) {
    return new DataConfig(sources, validation, validationFraction, intensities, cacheMegabytes);
  }

  /**
   * Other images for validation.
   *
   * @param sources what the model is judged by; none to set files of the training apart
   * @return a copy
   */
  public DataConfig withValidation(List<DataSource> sources) {
    return new DataConfig(training, sources, validationFraction, intensities, cacheMegabytes);
  }

  /**
   * Planes to train on and to judge by.
   *
   * @param training planes of the training
   * @param validation planes of the validation
   */
  public record Opened(PlaneSet training, PlaneSet validation) {}

  /**
   * Opens all sources.
   *
   * @param labels how labels are read and which objects count
   * @param seed of what is set apart for validation
   * @return the planes
   * @throws DatasetException that lists what is wrong, in all sources together
   * @throws ConfigException if there is nothing to train on
   */
  public Opened open(DatasetOptions labels, long seed) {
    if (training.isEmpty()) {
      throw new ConfigException(
          "The configuration", List.of("data.training is empty: give images and labels"));
    }
    DatasetOptions reading =
        labels.withIntensities(intensities).withCacheBytes((long) cacheMegabytes << 20);
    List<String> problems = new ArrayList<>();
    List<MixedPlanes.Part> train = new ArrayList<>();
    List<MixedPlanes.Part> validate = new ArrayList<>();
    for (DataSource source : training) {
      attempt(
          () -> {
            PlaneSet planes = source.open(reading);
            Opened parts = validation.isEmpty() ? apart(planes, seed) : new Opened(planes, planes);
            train.add(new MixedPlanes.Part(parts.training(), source.share()));
            if (validation.isEmpty()) {
              validate.add(new MixedPlanes.Part(parts.validation(), 1));
            }
          },
          problems);
    }
    for (DataSource source : validation) {
      attempt(() -> validate.add(new MixedPlanes.Part(source.open(reading), 1)), problems);
    }
    if (!problems.isEmpty()) {
      throw new DatasetException("The images of the configuration", problems);
    }
    return new Opened(new MixedPlanes(train), new MixedPlanes(validate));
  }

  /** Images that are made up are others each time: the same source serves both. */
  private Opened apart(PlaneSet planes, long seed) {
    if (planes instanceof ImageLabelDataset files) {
      ImageLabelDataset.Split split = files.split(validationFraction, seed);
      return new Opened(split.training(), split.validation());
    }
    return new Opened(planes, planes);
  }

  private static void attempt(Runnable opening, List<String> problems) {
    try {
      opening.run();
    } catch (DatasetException e) {
      problems.addAll(e.problems());
    } catch (IllegalArgumentException | UncheckedIOException e) {
      problems.add(e.getMessage());
    }
  }
}

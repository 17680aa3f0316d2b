package io.github.microsam.io;

import io.github.microsam.image.ImageException;
import io.github.microsam.image.ImageSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.IntegerType;
import net.imglib2.view.Views;

/**
 * A label image and what is known of it: what is written to files.
 *
 * <pre>{@code
 * LabelledImage result = LabelledImage.of(labels).withImage(ImageSource.of(image));
 * LabelFormat.GEOJSON.write(Path.of("cells.geojson"), result);
 * }</pre>
 *
 * <p>Immutable; the labels must not be written to meanwhile.
 *
 * @param labels (x, y), or (x, y, z) for a stack, with their minimum at the origin; 0 is background
 * @param planes the image that was segmented, one for each slice; empty if it is not known
 * @param iouPredictions the model's own estimate of an object's IoU, by label; may lack some or all
 * @param imageName name of the image's file; empty if it is not known
 */
public record LabelledImage(
    RandomAccessibleInterval<? extends IntegerType<?>> labels,
    List<ImageSource> planes,
    Map<Long, Double> iouPredictions,
    String imageName) {

  /**
   * Checks the sizes.
   *
   * @param labels (x, y) or (x, y, z)
   * @param planes none, or one for each slice
   * @param iouPredictions by label
   * @param imageName may be empty
   * @throws ImageException if the labels have other axes, or the planes another size or number
   */
  public LabelledImage {
    int axes = labels.numDimensions();
    if (axes < 2 || axes > 3) {
      throw new ImageException(
          "The labels have " + axes + " axes, expected (x, y) or (x, y, z): write frames apart.");
    }
    labels = Views.zeroMin(labels);
    planes = List.copyOf(planes);
    iouPredictions = Map.copyOf(iouPredictions);
    long slices = axes == 2 ? 1 : labels.dimension(2);
    if (!planes.isEmpty() && planes.size() != slices) {
      throw new ImageException(
          "%d planes for labels of %d slices, expected one each".formatted(planes.size(), slices));
    }
    for (ImageSource plane : planes) {
      if (plane.width() != labels.dimension(0) || plane.height() != labels.dimension(1)) {
        throw new ImageException(
            "The labels have the size %s, expected that of the image: %d x %d"
                .formatted(
                    Arrays.toString(labels.dimensionsAsLongArray()),
                    plane.width(),
                    plane.height()));
      }
      if (plane.channels() != planes.get(0).channels()) {
        throw new ImageException(
            "Planes of %d and of %d channels, expected the same number in all"
                .formatted(planes.get(0).channels(), plane.channels()));
      }
    }
  }

  /**
   * Labels of which nothing else is known.
   *
   * @param labels (x, y) or (x, y, z)
   * @return the labels alone
   * @throws ImageException if the labels have other axes
   */
  public static LabelledImage of(RandomAccessibleInterval<? extends IntegerType<?>> labels) {
    return new LabelledImage(labels, List.of(), Map.of(), "");
  }

  /**
   * With the image that was segmented, for measurements of intensity.
   *
   * @param image of the labels' size
   * @return the same labels
   * @throws ImageException if the sizes differ, or the labels are a stack
   */
  public LabelledImage withImage(ImageSource image) {
    return withPlanes(List.of(image));
  }

  /**
   * With the stack that was segmented.
   *
   * @param slices one for each slice of the labels
   * @return the same labels
   * @throws ImageException if sizes or numbers differ
   */
  public LabelledImage withPlanes(List<ImageSource> slices) {
    return new LabelledImage(labels, slices, iouPredictions, imageName);
  }

  /**
   * With the model's estimates.
   *
   * @param predictions an object's predicted IoU, by label
   * @return the same labels
   */
  public LabelledImage withIouPredictions(Map<Long, Double> predictions) {
    return new LabelledImage(labels, planes, predictions, imageName);
  }

  /**
   * With the name of the image, for formats that refer to it.
   *
   * @param name name of the image's file
   * @return the same labels
   */
  public LabelledImage withImageName(String name) {
    return new LabelledImage(labels, planes, iouPredictions, name);
  }

  int width() {
    return Math.toIntExact(labels.dimension(0));
  }

  int height() {
    return Math.toIntExact(labels.dimension(1));
  }

  boolean isStack() {
    return labels.numDimensions() == 3;
  }

  int slices() {
    return isStack() ? Math.toIntExact(labels.dimension(2)) : 1;
  }

  /** One slice: (x, y). */
  RandomAccessibleInterval<? extends IntegerType<?>> slice(int z) {
    return isStack() ? Views.hyperSlice(labels, 2, z) : labels;
  }

  /** One slice with what is known of it. */
  LabelledImage plane(int z) {
    return new LabelledImage(
        slice(z), planes.isEmpty() ? planes : List.of(planes.get(z)), iouPredictions, imageName);
  }

  OptionalDouble iouPrediction(long label) {
    Double iou = iouPredictions.get(label);
    return iou == null ? OptionalDouble.empty() : OptionalDouble.of(iou);
  }
}

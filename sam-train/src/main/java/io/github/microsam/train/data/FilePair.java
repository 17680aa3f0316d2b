package io.github.microsam.train.data;

import io.github.microsam.image.EightBitImage;
import io.github.microsam.image.ImageException;
import io.github.microsam.image.ImageSource;
import io.github.microsam.io.ImageFile;
import io.github.microsam.io.LabelFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import net.imglib2.Cursor;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.RealType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.view.Views;

/** An image file and its label file. */
record FilePair(Path image, Path labels) {

  /** What reading both gave: planes by number, or what is wrong. */
  record Contents(List<LabelledPlane> planes, List<Integer> withObjects, List<String> problems) {}

  /** Reads everything and looks for whatever is wrong, with the image and with the labels. */
  Contents check(DatasetOptions options) {
    List<String> problems = new ArrayList<>();
    Optional<ImageFile> file = attempt(() -> ImageFile.open(image), problems);
    Optional<RandomAccessibleInterval<UnsignedIntType>> ids =
        attempt(() -> LabelFile.read(labels), problems);
    Optional<List<EightBitImage>> images =
        file.flatMap(f -> attempt(() -> images(f, options.intensities()), problems));
    if (file.isPresent() && ids.isPresent()) {
      checkSizes(file.get(), ids.get(), problems);
    }
    List<int[]> objects = ids.map(FilePair::planes).orElse(List.of());
    if (options.classes() > 0) {
      checkClasses(objects, options.classes(), problems);
    }
    List<LabelledPlane> planes = new ArrayList<>();
    List<Integer> withObjects = new ArrayList<>();
    if (problems.isEmpty()) {
      for (int p = 0; p < objects.size(); p++) {
        planes.add(new LabelledPlane(images.orElseThrow().get(p), objects.get(p)));
        if (hasObjects(planes.get(p), options)) {
          withObjects.add(p);
        }
      }
      if (withObjects.isEmpty()) {
        problems.add(
            "%s has no object of %d pixels or more%s: leave the image and its labels out."
                .formatted(labels, options.minSize(), options.separate() ? " in one piece" : ""));
      }
    }
    return new Contents(planes, withObjects, problems);
  }

  private static <T> Optional<T> attempt(Supplier<T> reading, List<String> problems) {
    try {
      return Optional.of(reading.get());
    } catch (ImageException | UncheckedIOException e) {
      problems.add(e.getMessage());
      return Optional.empty();
    }
  }

  private void checkSizes(
      ImageFile file, RandomAccessibleInterval<UnsignedIntType> ids, List<String> problems) {
    if (file.width() != ids.dimension(0)
        || file.height() != ids.dimension(1)
        || file.slices() * file.frames() != count(ids)) {
      problems.add(
          "%s has %d x %d pixels in %d plane(s), its labels %s have %d x %d in %d: they must be the same."
              .formatted(
                  image,
                  file.width(),
                  file.height(),
                  file.slices() * file.frames(),
                  labels,
                  ids.dimension(0),
                  ids.dimension(1),
                  count(ids)));
    }
  }

  /** Tells the largest value of the labels where it is no class. */
  private void checkClasses(List<int[]> planes, int classes, List<String> problems) {
    int largest = 0;
    for (int[] plane : planes) {
      for (int value : plane) {
        largest = Integer.compareUnsigned(value, largest) > 0 ? value : largest;
      }
    }
    if (Integer.compareUnsigned(largest, classes) >= 0) {
      problems.add(
          "%s has the class %s, expected 0 to %d: the model has %d outputs."
              .formatted(labels, Integer.toUnsignedString(largest), classes - 1, classes));
    }
  }

  private static boolean hasObjects(LabelledPlane plane, DatasetOptions options) {
    int[] objects =
        options.separate()
            ? PatchLabels.separated(
                plane.labels(), plane.width(), plane.height(), options.minSize())
            : plane.labels();
    return PatchLabels.countObjects(objects, options.minSize()) > 0;
  }

  /** Reads a plane of files that were checked. */
  LabelledPlane read(int plane, Intensities intensities) {
    ImageFile ids = ImageFile.open(labels);
    return new LabelledPlane(
        image(ImageFile.open(image), plane, intensities),
        ints(ids.plane(plane % ids.slices(), plane / ids.slices())));
  }

  private static List<int[]> planes(RandomAccessibleInterval<UnsignedIntType> ids) {
    List<int[]> planes = new ArrayList<>();
    for (int p = 0; p < count(ids); p++) {
      planes.add(ints(ids.numDimensions() == 2 ? ids : Views.hyperSlice(ids, 2, p)));
    }
    return planes;
  }

  private static int count(RandomAccessibleInterval<?> ids) {
    return ids.numDimensions() == 2 ? 1 : (int) ids.dimension(2);
  }

  /** The image of a plane, with the values of its file. */
  ImageSource source(int plane) {
    return source(ImageFile.open(image), plane);
  }

  private static ImageSource source(ImageFile file, int plane) {
    return ImageSource.of(file.plane(plane % file.slices(), plane / file.slices()));
  }

  private static List<EightBitImage> images(ImageFile file, Intensities intensities) {
    List<EightBitImage> images = new ArrayList<>();
    for (int p = 0; p < file.slices() * file.frames(); p++) {
      images.add(image(file, p, intensities));
    }
    return images;
  }

  private static EightBitImage image(ImageFile file, int plane, Intensities intensities) {
    ImageSource source = source(file, plane);
    try {
      return intensities == Intensities.MIN_MAX
          ? EightBitImage.minMax(source)
          : EightBitImage.of(source);
    } catch (ImageException e) {
      throw new ImageException(file.path() + ", plane " + plane + ": " + e.getMessage(), e);
    }
  }

  private static int[] ints(RandomAccessibleInterval<? extends RealType<?>> ids) {
    int[] out = new int[Math.toIntExact(ids.size())];
    Cursor<? extends RealType<?>> cursor = Views.flatIterable(ids).cursor();
    for (int i = 0; i < out.length; i++) {
      out[i] = (int) (long) cursor.next().getRealDouble();
    }
    return out;
  }
}

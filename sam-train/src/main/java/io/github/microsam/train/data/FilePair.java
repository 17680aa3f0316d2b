package io.github.microsam.train.data;

import io.github.microsam.image.EightBitImage;
import io.github.microsam.image.ImageException;
import io.github.microsam.image.ImageSource;
import io.github.microsam.io.ImageFile;
import io.github.microsam.io.LabelFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.imglib2.Cursor;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.RealType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.view.Views;

/** An image file and its label file. */
record FilePair(Path image, Path labels) {

  /** What reading both gave: planes by number, or what is wrong. */
  record Contents(List<LabelledPlane> planes, List<Integer> withObjects, List<String> problems) {}

  /** Reads everything and looks for whatever is wrong. */
  Contents check(DatasetOptions options) {
    List<LabelledPlane> planes = new ArrayList<>();
    List<Integer> withObjects = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    ImageFile file;
    RandomAccessibleInterval<UnsignedIntType> ids;
    try {
      file = ImageFile.open(image);
      ids = LabelFile.read(labels);
    } catch (ImageException e) {
      problems.add(e.getMessage());
      return new Contents(planes, withObjects, problems);
    }
    int count = count(ids);
    if (file.width() != ids.dimension(0)
        || file.height() != ids.dimension(1)
        || file.slices() * file.frames() != count) {
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
                  count));
      return new Contents(planes, withObjects, problems);
    }
    try {
      for (int p = 0; p < count; p++) {
        planes.add(plane(file, slice(ids, p), p, options.intensities()));
        if (PatchLabels.countObjects(planes.get(p).labels(), options.minSize()) > 0) {
          withObjects.add(p);
        }
      }
    } catch (ImageException e) {
      problems.add(e.getMessage());
    }
    if (problems.isEmpty() && withObjects.isEmpty()) {
      problems.add(
          "%s has no object of %d pixels or more: leave the image and its labels out."
              .formatted(labels, options.minSize()));
    }
    return new Contents(planes, withObjects, problems);
  }

  /** Reads a plane of files that were checked. */
  LabelledPlane read(int plane, Intensities intensities) {
    ImageFile ids = ImageFile.open(labels);
    return plane(
        ImageFile.open(image),
        ids.plane(plane % ids.slices(), plane / ids.slices()),
        plane,
        intensities);
  }

  private static RandomAccessibleInterval<UnsignedIntType> slice(
      RandomAccessibleInterval<UnsignedIntType> ids, int plane) {
    return ids.numDimensions() == 2 ? ids : Views.hyperSlice(ids, 2, plane);
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

  private static LabelledPlane plane(
      ImageFile file,
      RandomAccessibleInterval<? extends RealType<?>> ids,
      int plane,
      Intensities intensities) {
    ImageSource source = source(file, plane);
    try {
      EightBitImage image =
          intensities == Intensities.MIN_MAX
              ? EightBitImage.minMax(source)
              : EightBitImage.of(source);
      return new LabelledPlane(image, ints(ids));
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

package io.github.microsam.train.data;

import io.github.microsam.image.ImageSource;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * Images and their label images in files. A plane of a stack is a plane like any other; planes
 * without objects are left out.
 *
 * <pre>{@code
 * ImageLabelDataset all =
 *     ImageLabelDataset.open(Path.of("images"), Path.of("labels"), DatasetOptions.defaults());
 * ImageLabelDataset.Split split = all.split(0.1, 42);
 * }</pre>
 *
 * <p>Everything is read once when the set is opened, so that bad data are found before a training
 * starts; planes that do not fit the cache are read again when they are used. Immutable but for its
 * cache, may be shared by threads.
 */
public final class ImageLabelDataset implements PlaneSet {
  private final List<Plane> planes;
  private final double[] weights;
  private final Intensities intensities;
  private final PlaneCache cache;

  private record Plane(FilePair files, int index, int checksum) {}

  private record Checked(List<Plane> planes, List<String> problems) {}

  private ImageLabelDataset(
      List<Plane> planes, double[] weights, Intensities intensities, PlaneCache cache) {
    this.planes = planes;
    this.weights = weights;
    this.intensities = intensities;
    this.cache = cache;
  }

  /**
   * Opens the images of a folder and the labels of another, whose names without suffix are the
   * same, or one image and one label file.
   *
   * @param images folder of TIFF, PNG, JPEG, BMP or GIF files and Zarrs, or one of these
   * @param labels folder of TIFF or PNG files and Zarrs with whole numbers, or one of these
   * @param options how they are read
   * @return the data set
   * @throws DatasetException that lists all problems: images without labels, sizes that differ,
   *     files that cannot be read, labels that are not whole numbers, values out of range, no
   *     objects; and then also labels without images, which are no problem of their own
   */
  public static ImageLabelDataset open(Path images, Path labels, DatasetOptions options) {
    List<String> problems = new ArrayList<>();
    List<FilePair> pairs = FilePairs.find(images, labels, problems);
    PlaneCache cache = new PlaneCache(options.cacheBytes());
    List<Plane> planes = new ArrayList<>();
    // In parallel, but a few at a time: what does not fit the cache must not pile up.
    int atOnce = 4 * Runtime.getRuntime().availableProcessors();
    for (int start = 0; start < pairs.size(); start += atOnce) {
      pairs.subList(start, Math.min(pairs.size(), start + atOnce)).parallelStream()
          .map(pair -> checked(pair, options, cache))
          .toList()
          .forEach(
              checked -> {
                planes.addAll(checked.planes());
                problems.addAll(checked.problems());
              });
    }
    if (!problems.isEmpty()) {
      throw new DatasetException("Images " + images + ", labels " + labels, problems);
    }
    double[] weights = new double[planes.size()];
    Arrays.fill(weights, 1);
    return new ImageLabelDataset(List.copyOf(planes), weights, options.intensities(), cache);
  }

  private static Checked checked(FilePair pair, DatasetOptions options, PlaneCache cache) {
    FilePair.Contents contents = pair.check(options);
    List<Plane> planes = new ArrayList<>();
    for (int i : contents.withObjects()) {
      LabelledPlane read = contents.planes().get(i);
      Plane plane = new Plane(pair, i, checksum(read));
      planes.add(plane);
      cache.put(plane, read);
    }
    return new Checked(planes, contents.problems());
  }

  private static int checksum(LabelledPlane plane) {
    ByteBuffer numbers = ByteBuffer.allocate(Integer.BYTES * (1 + plane.labels().length));
    numbers.asIntBuffer().put(plane.width()).put(plane.labels());
    CRC32C sum = new CRC32C();
    sum.update(numbers);
    sum.update(plane.image().pixels());
    return (int) sum.getValue();
  }

  /**
   * Data for training and data to validate it.
   *
   * @param training what is trained on
   * @param validation files that the training does not see
   */
  public record Split(ImageLabelDataset training, ImageLabelDataset validation) {}

  /**
   * Sets files apart for validation; planes of one file stay together. If there is one file, its
   * last planes are set apart.
   *
   * @param fraction of the files, or of the planes of the only one, that become validation:
   *     rounded, at least one, and not all of them
   * @param seed another number gives another choice of files
   * @return the two sets
   * @throws IllegalArgumentException if the fraction is not between 0 and 1
   * @throws DatasetException if there is one plane only
   */
  public Split split(double fraction, long seed) {
    if (!(fraction > 0 && fraction < 1)) {
      throw new IllegalArgumentException(
          "A fraction of %s for validation; expected above 0 and below 1.".formatted(fraction));
    }
    if (size() == 1) {
      throw new DatasetException(
          "Images for validation",
          List.of(
              "%s is the only plane with objects: nothing can be set apart to validate with. Give images for validation (--validation-images and --validation-labels, or data.validation of the configuration), or more to train on."
                  .formatted(planes.get(0).files().image())));
    }
    List<FilePair> files = new ArrayList<>(planes.stream().map(Plane::files).distinct().toList());
    if (files.size() == 1) {
      int first = size() - part(fraction, size()); // neighbours in a stack resemble each other
      return new Split(subset(i -> i < first), subset(i -> i >= first));
    }
    StableRandom random = StableRandom.of(seed);
    Set<FilePair> chosen = new HashSet<>();
    for (int i = part(fraction, files.size()); i > 0; i--) {
      chosen.add(files.remove(random.nextInt(files.size())));
    }
    return new Split(
        subset(i -> !chosen.contains(planes.get(i).files())),
        subset(i -> chosen.contains(planes.get(i).files())));
  }

  private static int part(double fraction, int all) {
    return (int) Math.max(1, Math.min(all - 1, Math.round(fraction * all)));
  }

  private ImageLabelDataset subset(IntPredicate kept) {
    int[] indices = IntStream.range(0, size()).filter(kept).toArray();
    return new ImageLabelDataset(
        Arrays.stream(indices).mapToObj(planes::get).toList(),
        Arrays.stream(indices).mapToDouble(i -> weights[i]).toArray(),
        intensities,
        cache);
  }

  /**
   * The same with other weights, for instance to draw a rare kind of images more often.
   *
   * @param weightOfFile how often an image is drawn, by the name of its file such as {@code
   *     "a.png"}; 0 leaves it out
   * @return a new set that shares this one's cache
   * @throws IllegalArgumentException if a weight is negative or no number, or nothing is left
   */
  public ImageLabelDataset weighted(ToDoubleFunction<String> weightOfFile) {
    double[] weight = new double[size()];
    for (int i = 0; i < weight.length; i++) {
      String file = planes.get(i).files().image().getFileName().toString();
      weight[i] = weightOfFile.applyAsDouble(file);
      if (!(weight[i] >= 0) || Double.isInfinite(weight[i])) {
        throw new IllegalArgumentException(
            "weight %s of %s; expected 0 or more".formatted(weight[i], file));
      }
    }
    ImageLabelDataset kept =
        new ImageLabelDataset(planes, weight, intensities, cache).subset(i -> weight[i] > 0);
    if (kept.size() == 0) {
      throw new IllegalArgumentException("all images have weight 0: none is left");
    }
    return kept;
  }

  /**
   * {@inheritDoc}
   *
   * @return the name of the image file, and the number of the plane where there are several
   */
  @Override
  public String name(int index) {
    Plane plane = planes.get(index);
    String file = plane.files().image().getFileName().toString();
    return plane.index() == 0 ? file : file + " plane " + plane.index();
  }

  /**
   * {@inheritDoc}
   *
   * @return how many planes and files there are, and a checksum of what is in them and of their
   *     weights; where they lie makes no difference
   */
  @Override
  public String description() {
    int sum = Arrays.hashCode(weights);
    for (Plane plane : planes) {
      sum = 31 * sum + plane.checksum();
    }
    return "%d planes of %d files with the checksum %08x"
        .formatted(size(), planes.stream().map(Plane::files).distinct().count(), sum);
  }

  /**
   * A plane.
   *
   * @param index which plane, from 0 to {@link #size()} - 1
   * @return the plane
   * @throws io.github.microsam.image.ImageException if the file was changed since it was checked
   */
  public LabelledPlane plane(int index) {
    Plane plane = planes.get(index);
    return cache.get(plane, () -> plane.files().read(plane.index(), intensities));
  }

  /**
   * The image of a plane with the values of its file, as inference is given it.
   *
   * @param index which plane, from 0 to {@link #size()} - 1
   * @return the image, read anew
   * @throws io.github.microsam.image.ImageException if the file was changed since it was checked
   */
  public ImageSource source(int index) {
    Plane plane = planes.get(index);
    return plane.files().source(plane.index());
  }

  @Override
  public LabelledPlane plane(int index, StableRandom random) {
    return plane(index);
  }

  @Override
  public int size() {
    return planes.size();
  }

  @Override
  public double weight(int index) {
    return weights[index];
  }
}

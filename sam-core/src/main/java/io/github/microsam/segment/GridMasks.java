package io.github.microsam.segment;

import io.github.microsam.image.ImageException;
import io.github.microsam.label.BoxNms;
import io.github.microsam.label.MaskMergingOptions;
import io.github.microsam.label.RunLengths;
import io.github.microsam.label.SmallRegions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import net.imglib2.FinalInterval;
import net.imglib2.Interval;
import net.imglib2.parallel.Parallelization;
import net.imglib2.util.Intervals;

/**
 * All masks of a grid of points, as run lengths: the state of automatic mask generation (AMG), from
 * which objects are chosen as often as one likes, in milliseconds ({@code generate} of the
 * reference). Masks that no choice takes are left out: empty ones, and those that end at the edge
 * of their crop or tile.
 *
 * <p>Immutable, may be shared by threads.
 */
public final class GridMasks {

  /**
   * The masks of a crop or tile.
   *
   * @param crop where it is
   * @param masks in the order of points
   */
  record CropMasks(Crop crop, List<MaskCandidate> masks) {}

  private final int width;
  private final int height;
  private final List<CropMasks> crops;

  GridMasks(int width, int height, List<CropMasks> crops) {
    this.width = width;
    this.height = height;
    this.crops = List.copyOf(crops);
  }

  /**
   * Number of masks to choose from.
   *
   * @return of all crops or tiles
   */
  public int count() {
    return crops.stream().mapToInt(c -> c.masks.size()).sum();
  }

  /**
   * The interval of the image.
   *
   * @return from (0, 0)
   */
  public Interval image() {
    return new FinalInterval(width, height);
  }

  /**
   * The masks of objects, which may overlap.
   *
   * @param options which masks
   * @return masks with the image as frame; for segment-anything's and COCO's encodings see {@link
   *     RunLengths#counts()} and {@link RunLengths#toCoco()}. The best come first; of several crops
   *     those of the smallest
   */
  public List<MaskCandidate> masks(MaskSelectionOptions options) {
    return select(options).stream().map(m -> m.withMask(m.mask().within(image()))).toList();
  }

  /**
   * The objects: masks are painted from large to small, pieces of objects become objects, and if
   * the options say so the largest region is removed.
   *
   * @param options which masks
   * @return the objects, numbered in raster order, each with its mask's predicted IoU
   */
  public Segmentation segment(MaskSelectionOptions options) {
    return Segmentation.of(
        select(options),
        image(),
        MaskMergingOptions.defaults()
            .withExclusively(false)
            .withDropLargest(options.withBackground())
            .withMinSize(options.minSize()));
  }

  private List<MaskCandidate> select(MaskSelectionOptions options) {
    List<MaskCandidate> kept = new ArrayList<>();
    List<Float> scores = new ArrayList<>();
    for (CropMasks crop : crops) {
      List<MaskCandidate> chosen = select(crop.masks, options);
      kept.addAll(chosen);
      chosen.forEach(m -> scores.add(1f / crop.crop.area()));
    }
    if (crops.size() > 1) {
      kept = suppress(kept, scores, options.cropNmsThreshold());
    }
    return options.minRegionArea() > 0 ? clean(kept, options) : kept;
  }

  /** Masks of a crop that are good enough and not suppressed, best first. */
  private static List<MaskCandidate> select(
      List<MaskCandidate> masks, MaskSelectionOptions options) {
    float iou = (float) options.iouThreshold();
    float stability = (float) options.stabilityThreshold();
    List<MaskCandidate> good =
        masks.stream()
            .filter(m -> iou <= 0 || m.iouPrediction() > iou)
            .filter(m -> stability <= 0 || m.stability() >= stability)
            .toList();
    List<Float> scores = good.stream().map(MaskCandidate::iouPrediction).toList();
    return suppress(good, scores, options.boxNmsThreshold());
  }

  private static List<MaskCandidate> suppress(
      List<MaskCandidate> masks, List<Float> scores, double threshold) {
    float[] values = new float[scores.size()];
    IntStream.range(0, values.length).forEach(i -> values[i] = scores.get(i));
    int[] kept = BoxNms.keep(masks.stream().map(MaskCandidate::box).toList(), values, threshold);
    return IntStream.of(kept).mapToObj(masks::get).toList();
  }

  /** Removes small holes and islands; of masks that then are alike an unchanged one stays. */
  private List<MaskCandidate> clean(List<MaskCandidate> masks, MaskSelectionOptions options) {
    List<Optional<MaskCandidate>> changed =
        Parallelization.getTaskExecutor()
            .forEachApply(masks, m -> cleaned(m, image(), options.minRegionArea()));
    List<MaskCandidate> cleaned = new ArrayList<>();
    for (int i = 0; i < masks.size(); i++) {
      cleaned.add(changed.get(i).orElse(masks.get(i)));
    }
    List<Float> unchanged = changed.stream().map(c -> c.isPresent() ? 0f : 1f).toList();
    double threshold = Math.max(options.boxNmsThreshold(), options.cropNmsThreshold());
    return suppress(cleaned, unchanged, threshold);
  }

  /**
   * A mask without small holes and islands; empty if it has none.
   *
   * <p>What lies around a mask is a hole too if it is small. Therefore only as much of the image is
   * looked at as has, on each side, the area of a large hole or ends with the image.
   */
  static Optional<MaskCandidate> cleaned(MaskCandidate mask, Interval image, long minArea) {
    Interval box = mask.box();
    long area = Math.min(minArea, 1 + Intervals.numElements(image));
    long beside = 1 + area / box.dimension(1);
    long above = 1 + area / box.dimension(0);
    Interval window = Intervals.intersect(image, Intervals.expand(box, beside, above));
    SmallRegions.Cleaned filled = SmallRegions.fillHoles(mask.mask().within(window).toMask(), area);
    SmallRegions.Cleaned both = SmallRegions.removeIslands(filled.mask(), area);
    return filled.changed() || both.changed()
        ? Optional.of(mask.withMask(RunLengths.of(both.mask())))
        : Optional.empty();
  }

  /**
   * Writes the masks into a file of this library's own format, for {@link #read}.
   *
   * @param file is replaced if it exists
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public void write(Path file) {
    write(file, StateKey.NONE);
  }

  void write(Path file, StateKey key) {
    StateFile.write(
        file,
        StateFile.MASKS,
        key,
        out -> {
          out.writeInt(width);
          out.writeInt(height);
          out.writeInt(crops.size());
          for (CropMasks c : crops) {
            MaskStream.write(out, c);
          }
        });
  }

  /**
   * Reads masks that {@link #write} wrote.
   *
   * @param file the file
   * @return the same masks
   * @throws ImageException if it cannot be read or is no such file
   */
  public static GridMasks read(Path file) {
    return StateFile.read(
        file,
        StateFile.MASKS,
        in -> {
          int width = in.readInt();
          int height = in.readInt();
          int count = in.readInt();
          List<CropMasks> crops = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            crops.add(MaskStream.read(in));
          }
          return new GridMasks(width, height, crops);
        });
  }
}

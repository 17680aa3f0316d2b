package io.github.microsam.segment;

import io.github.microsam.embedding.EmbeddingCache;
import io.github.microsam.embedding.TileEmbeddings;
import io.github.microsam.image.ImageSource;
import io.github.microsam.image.Tiling;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.SamPredictor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.loops.LoopBuilder;
import net.imglib2.type.numeric.RealType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.view.Views;

/**
 * Segments images automatically.
 *
 * <pre>{@code
 * try (SamModel model = SamModel.byName("vit_b_lm")) {
 *   AutomaticSegmentation automatic = AutomaticSegmentation.of(model, Mode.AUTO);
 *   Segmentation objects = automatic.segment(ImageSource.of(image), automatic.defaults());
 * }
 * }</pre>
 *
 * <p>By AIS, a TinyViT of native resolution is given larger inputs than it was trained with where
 * that saves tiles ({@link SamModel#resized}).
 *
 * <p>To try other thresholds without running the networks again keep the state: {@link MapDecoder}
 * with {@link DistanceWatershed} for AIS, {@link AutomaticMaskGenerator} for AMG.
 *
 * <p>Holds nothing of an image; threads may share it. The model must stay open.
 */
public final class AutomaticSegmentation {
  private final SamModel model;
  private final Mode mode;
  private final SamPredictor predictor;

  private AutomaticSegmentation(SamModel model, Mode mode) {
    this.model = model;
    this.mode = mode;
    predictor = new SamPredictor(model);
  }

  /**
   * Segmentation with a model.
   *
   * @param model an open model, which stays the caller's
   * @param mode how images are segmented
   * @return the segmentation
   * @throws SegmentationException if the mode needs a decoder that the model has not
   */
  public static AutomaticSegmentation of(SamModel model, Mode mode) {
    Mode used = mode != Mode.AUTO ? mode : model.unetr().isPresent() ? Mode.AIS : Mode.AMG;
    if (used != Mode.AMG) {
      MapDecoder.requireIn(model);
    }
    return new AutomaticSegmentation(model, used);
  }

  /**
   * The mode in use.
   *
   * @return not {@link Mode#AUTO}
   */
  public Mode mode() {
    return mode;
  }

  /**
   * The options that suit the model best.
   *
   * @return {@link SegmentationDefaults#of(SamModel)}
   */
  public SegmentationOptions defaults() {
    return SegmentationDefaults.of(model);
  }

  /**
   * Segments an image.
   *
   * @param image of any size that fits into memory
   * @param options of the modes, and tiles
   * @return the objects, (x, y)
   * @throws SegmentationException if the image is too large, or the options contradict each other
   * @throws io.github.microsam.image.ImageException if a value of the image is not finite
   */
  public Segmentation segment(ImageSource image, SegmentationOptions options) {
    return segment(image, options, SegmentationListener.SILENT);
  }

  /**
   * Segments an image.
   *
   * @param image of any size that fits into memory
   * @param options of the modes, and tiles
   * @param listener is told how far it is
   * @return the objects, (x, y)
   * @throws SegmentationException if the image is too large, or the options contradict each other
   * @throws io.github.microsam.image.ImageException if a value of the image is not finite
   */
  public Segmentation segment(
      ImageSource image, SegmentationOptions options, SegmentationListener listener) {
    ImageMemory.requireFor(image.width(), image.height(), Runtime.getRuntime().maxMemory());
    Tiling tiling = options.tiles().of(image.width(), image.height());
    if (crops(options)) {
      if (tiling.count() > 1) {
        throw new SegmentationException(
            "Both %d tiles and crop layers; crops are for images that stay whole."
                .formatted(tiling.count()));
      }
      return new AutomaticMaskGenerator(predictor, options.grid())
          .initialize(image, listener)
          .segment(options.masks());
    }
    return segment(compute(image, options), options, listener);
  }

  /** Crops are embedded by themselves: they need the image, not its embeddings. */
  private boolean crops(SegmentationOptions options) {
    return mode == Mode.AMG && options.grid().cropLayers() > 0;
  }

  /**
   * How images are given to the model. Embeddings that are made so are those that {@link
   * #segment(ImageSource, SegmentationOptions)} makes by itself. Of maps the input may be larger
   * than the trained one; prompts know that one only.
   *
   * @param width of the image in pixels
   * @param height of the image in pixels
   * @param options whose tiles count
   * @return the model, closed with the one that segments, and the tiles
   */
  public InputChoice input(int width, int height, SegmentationOptions options) {
    return mode == Mode.AIS
        ? InputChoice.of(model, options.tiles(), width, height)
        : new InputChoice(model, options.tiles().of(width, height));
  }

  private TileEmbeddings compute(ImageSource image, SegmentationOptions options) {
    InputChoice input = input(image.width(), image.height(), options);
    return TileEmbeddings.compute(new SamPredictor(input.model()), image, input.tiling());
  }

  /**
   * Segments an image whose embeddings exist, for instance in a cache.
   *
   * @param tiles embeddings by this model, for AIS also of other inputs ({@link SamModel#resized});
   *     their tiling is used
   * @param options of the modes; its tiles are not
   * @param listener is told how far it is
   * @return the objects, (x, y)
   * @throws SegmentationException if the image is too large, or the embeddings are another model's
   * @throws io.github.microsam.prompt.PromptException in the other modes if they are another
   *     model's or of other inputs
   */
  public Segmentation segment(
      TileEmbeddings tiles, SegmentationOptions options, SegmentationListener listener) {
    Tiling tiling = tiles.tiling();
    ImageMemory.requireFor(tiling.width(), tiling.height(), Runtime.getRuntime().maxMemory());
    return mode == Mode.AMG
        ? masks(tiles, options, listener).segment(options.masks())
        : objects(maps(tiles, listener), tiles, options, listener);
  }

  private GridMasks masks(
      TileEmbeddings tiles, SegmentationOptions options, SegmentationListener listener) {
    return new AutomaticMaskGenerator(predictor, options.grid()).initialize(tiles, listener);
  }

  private DistanceMaps maps(TileEmbeddings tiles, SegmentationListener listener) {
    return new MapDecoder(model).maps(tiles, listener);
  }

  private Segmentation objects(
      DistanceMaps maps,
      TileEmbeddings tiles,
      SegmentationOptions options,
      SegmentationListener listener) {
    return mode == Mode.AIS
        ? Segmentation.of(DistanceWatershed.segment(maps, options.ais()))
        : new AutomaticPromptGenerator(model).segment(maps, tiles, options.apg(), listener);
  }

  /**
   * Segments an image, or the slices of a stack each by itself, whose embeddings are in a cache.
   * What {@link #keepState} kept of the same model and points is not computed again.
   *
   * @param cache embeddings by this model, whose tiling is used
   * @param options of the modes; its tiles are not
   * @param listener is told how far it is
   * @return the objects, (x, y) or (x, y, slice); no two have the same id
   * @throws SegmentationException if the image is too large, or the options need the image
   * @throws io.github.microsam.embedding.CacheException if the cache is damaged
   * @throws io.github.microsam.image.ImageException if the state beside it is
   */
  public Segmentation segment(
      EmbeddingCache cache, SegmentationOptions options, SegmentationListener listener) {
    if (!cache.isStack()) {
      return segment(cache, 0, options, listener);
    }
    Tiling plane = cache.embeddings(0).tiling();
    return stacked(
        cache.slices(),
        plane.width(),
        plane.height(),
        (z, ofSlice) -> segment(cache, z, options, ofSlice),
        listener);
  }

  private Segmentation segment(
      EmbeddingCache cache, int slice, SegmentationOptions options, SegmentationListener listener) {
    TileEmbeddings tiles = cache.embeddings(slice);
    Tiling tiling = tiles.tiling();
    ImageMemory.requireFor(tiling.width(), tiling.height(), Runtime.getRuntime().maxMemory());
    KeptState kept = KeptState.of(cache, slice, model, mode, options);
    return mode == Mode.AMG
        ? kept.masks(() -> masks(tiles, options, listener)).segment(options.masks())
        : objects(kept.maps(() -> maps(tiles, listener)), tiles, options, listener);
  }

  /**
   * Computes what the networks make of cached embeddings before any threshold, and keeps it beside
   * them: the decoder's maps for AIS and APG, the masks of the grid of points for AMG. What is
   * there is left as it is.
   *
   * @param cache embeddings by this model
   * @param options of which the points of AMG count
   * @param listener is told how far it is
   * @throws SegmentationException if the image is too large, or the options need the image
   * @throws io.github.microsam.embedding.CacheException if what is there is of other pixels,
   *     another model, other tiles or points, or the cache is damaged
   */
  public void keepState(
      EmbeddingCache cache, SegmentationOptions options, SegmentationListener listener) {
    int slices = cache.slices();
    for (int z = 0; z < slices; z++) {
      int before = z;
      SegmentationListener ofSlice =
          (done, total) -> listener.progress(before * total + done, slices * total);
      TileEmbeddings tiles = cache.embeddings(z);
      KeptState kept = KeptState.of(cache, z, model, mode, options);
      kept.make(
          () -> {
            if (mode == Mode.AMG) {
              masks(tiles, options, ofSlice).write(kept.file(), kept.key());
            } else {
              maps(tiles, ofSlice).write(kept.file(), kept.key());
            }
          });
    }
  }

  /**
   * Says why the state beside a cache is not used.
   *
   * @param cache embeddings by this model
   * @param options of which the points of AMG count
   * @return the file and what of it is other than expected; empty if all is used, or nothing is
   *     there
   * @throws io.github.microsam.image.ImageException if the state is damaged
   */
  public Optional<String> unusedState(EmbeddingCache cache, SegmentationOptions options) {
    return IntStream.range(0, cache.slices())
        .mapToObj(z -> KeptState.of(cache, z, model, mode, options).difference())
        .flatMap(Optional::stream)
        .findFirst();
  }

  /**
   * Segments the part of an image where a mask is not 0. Tiles without a pixel of it are skipped;
   * crop layers are not.
   *
   * @param mask (x, y), of the size of the image
   * @param image of any size that fits into memory
   * @param options of the modes, and tiles
   * @param listener is told how far it is
   * @return the objects, cut at the mask
   * @throws SegmentationException if the mask is of another size, or as {@link
   *     #segment(ImageSource, SegmentationOptions)}
   */
  public Segmentation segmentWithin(
      RandomAccessibleInterval<? extends RealType<?>> mask,
      ImageSource image,
      SegmentationOptions options,
      SegmentationListener listener) {
    if (crops(options)) {
      RegionOfInterest roi = RegionOfInterest.of(mask, image.width(), image.height());
      return roi.cut(segment(image, options, listener));
    }
    return segmentWithin(mask, compute(image, options), options, listener);
  }

  /**
   * Segments the part of an image where a mask is not 0, whose embeddings exist.
   *
   * @param mask (x, y), of the size of the image
   * @param tiles embeddings by this model, whose tiling is used; those of tiles without a pixel of
   *     the mask are not asked for
   * @param options of the modes; its tiles are not
   * @param listener is told how far it is
   * @return the objects, cut at the mask
   * @throws SegmentationException if the mask is of another size, or as {@link
   *     #segment(TileEmbeddings, SegmentationOptions, SegmentationListener)}
   */
  public Segmentation segmentWithin(
      RandomAccessibleInterval<? extends RealType<?>> mask,
      TileEmbeddings tiles,
      SegmentationOptions options,
      SegmentationListener listener) {
    Tiling tiling = tiles.tiling();
    RegionOfInterest roi = RegionOfInterest.of(mask, tiling.width(), tiling.height());
    return roi.cut(segment(roi.over(tiles), options, listener));
  }

  /**
   * Segments the slices of a stack, each by itself. No two objects of the stack have the same id.
   *
   * @param slices number of slices, at least 1
   * @param images gives a slice by its number, from 0; all of one size
   * @param options of the modes, and tiles
   * @param listener is told how far it is
   * @return the objects, (x, y, slice)
   * @throws SegmentationException if the stack is too large, the slices differ in size, or as
   *     {@link #segment(ImageSource, SegmentationOptions)}
   * @throws io.github.microsam.image.ImageException if a value of an image is not finite
   */
  public Segmentation segmentSlices(
      int slices,
      IntFunction<ImageSource> images,
      SegmentationOptions options,
      SegmentationListener listener) {
    Checks.atLeast("number of slices", slices, 1);
    ImageSource first = images.apply(0);
    return stacked(
        slices,
        first.width(),
        first.height(),
        (z, ofSlice) -> segment(z == 0 ? first : images.apply(z), options, ofSlice),
        listener);
  }

  private interface SliceSegmentation {
    Segmentation of(int slice, SegmentationListener listener);
  }

  private static Segmentation stacked(
      int slices,
      int width,
      int height,
      SliceSegmentation segmentation,
      SegmentationListener listener) {
    long rows = (long) height * slices;
    ImageMemory.requireOneArray(width, (int) Math.min(Integer.MAX_VALUE, rows));
    RandomAccessibleInterval<UnsignedIntType> labels =
        ArrayImgs.unsignedInts(width, height, slices);
    Map<Long, Double> iou = new LinkedHashMap<>();
    int count = 0;
    for (int z = 0; z < slices; z++) {
      int before = z;
      Segmentation slice =
          segmentation.of(
              z, (done, total) -> listener.progress(before * total + done, slices * total));
      place(slice, Views.hyperSlice(labels, 2, z), z, count);
      int offset = count;
      slice.iouPredictions().forEach((id, value) -> iou.put(id + offset, value));
      count += slice.count();
    }
    return new Segmentation(labels, count, iou);
  }

  private static void place(
      Segmentation slice, RandomAccessibleInterval<UnsignedIntType> target, int z, int offset) {
    if (slice.labels().dimension(0) != target.dimension(0)
        || slice.labels().dimension(1) != target.dimension(1)) {
      throw new SegmentationException(
          "Slice %d has %d x %d pixels, the first has %d x %d; expected slices of one size."
              .formatted(
                  z,
                  slice.labels().dimension(0),
                  slice.labels().dimension(1),
                  target.dimension(0),
                  target.dimension(1)));
    }
    LoopBuilder.setImages(slice.labels(), target)
        .forEachPixel((from, to) -> to.setInt(from.getInt() == 0 ? 0 : from.getInt() + offset));
  }
}

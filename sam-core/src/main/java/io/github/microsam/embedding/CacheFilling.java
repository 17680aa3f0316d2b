package io.github.microsam.embedding;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.github.microsam.image.CoordinateTransform;
import io.github.microsam.image.ImageException;
import io.github.microsam.image.ImageSource;
import io.github.microsam.image.Tiling;
import io.github.microsam.prompt.ImageEmbedding;
import io.github.microsam.prompt.SamPredictor;
import io.github.microsam.zarr.ZarrArray;
import io.github.microsam.zarr.ZarrGroup;
import io.github.microsam.zarr.ZarrType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import net.imglib2.FinalInterval;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.RealType;
import net.imglib2.view.Views;

/** Computes what a cache lacks. */
final class CacheFilling {
  private static final String ORIGINAL_SIZE = CacheLayout.ORIGINAL_SIZE;

  private final Path path;
  private final SamPredictor predictor;
  private final CacheModel model;
  private final ImagePlanes image;
  private final CacheOptions options;
  private final int width;
  private final int height;
  private final Optional<Tiling> tiling;

  private long done;
  private long total;

  CacheFilling(
      Path path,
      SamPredictor predictor,
      CacheModel model,
      ImagePlanes image,
      CacheOptions options) {
    this.path = path;
    this.predictor = predictor;
    this.model = model;
    this.image = image;
    this.options = options;
    ImageSource first = ImageSource.of(image.plane(0));
    width = first.width();
    height = first.height();
    tiling =
        options
            .tiles()
            .map(t -> new Tiling(width, height, t.width(), t.height(), t.haloX(), t.haloY()));
  }

  EmbeddingCache fill(PrecomputeListener listener) {
    CacheKey key = new CacheKey(image.signature(), model, options.tiles());
    ZarrGroup group =
        ZarrGroup.find(path)
            .orElseGet(
                () ->
                    ZarrGroup.create(
                        path,
                        options.format(),
                        made -> {
                          JsonObject attributes = new JsonObject();
                          key.addTo(attributes);
                          made.setAttributes(attributes);
                        }));
    JsonObject attributes = group.attributes();
    key.check(path, attributes);
    requireShape(group);
    if (tiling.isPresent()) {
      group.group(CacheLayout.FEATURES).ifPresent(this::requireTiles);
    }
    if (!CacheLayout.isComplete(attributes)) {
      if (!attributes.has(CacheKey.FINGERPRINT)) {
        throw new CacheException(
            path
                + " is not complete and does not tell of what model and image it is: delete it, or"
                + " complete it with the program that made it.");
      }
      JsonObject sizes =
          tiling.isPresent() ? fillTiles(group, listener) : fillWhole(group, listener);
      complete(group, sizes);
    }
    return new EmbeddingCache(group, model);
  }

  /** The signature is one of bytes, which other sizes may have too. */
  private void requireShape(ZarrGroup group) {
    JsonArray size = CacheKey.pair(height, width);
    Optional<ZarrGroup> tiles = group.group(CacheLayout.FEATURES);
    tiles.ifPresent(t -> CacheKey.check(path, t.attributes(), CacheLayout.SHAPE, size));
    Optional<ZarrArray> whole = group.array(CacheLayout.FEATURES);
    whole.ifPresent(
        array -> {
          CacheKey.check(path, array.attributes(), ORIGINAL_SIZE, size);
          CacheKey.check(path, group.attributes(), ORIGINAL_SIZE, size);
        });
    int expected = image.isStack() ? image.count() : 0;
    whole
        .or(() -> tiles.flatMap(t -> CacheLayout.firstTile(t, tiling.orElseThrow())))
        .map(CacheLayout::slices)
        .filter(found -> found != expected)
        .ifPresent(
            found -> {
              throw new CacheException(
                  "%s holds other embeddings: it is of %s, expected %s. Give another cache or delete this."
                      .formatted(path, planes(found), planes(expected)));
            });
  }

  private static String planes(int slices) {
    return slices == 0 ? "an image" : "a stack of " + slices;
  }

  /** The attributes that say that all is there. */
  private static void complete(ZarrGroup group, JsonObject sizes) {
    JsonObject attributes = group.attributes();
    sizes.entrySet().forEach(entry -> attributes.add(entry.getKey(), entry.getValue()));
    group.setAttributes(attributes);
  }

  private JsonObject fillWhole(ZarrGroup group, PrecomputeListener listener) {
    total = image.count();
    for (int z = 0; z < image.count(); z++) {
      Optional<ZarrArray> array = group.array(CacheLayout.FEATURES);
      if (isMissing(array, z)) {
        ImageEmbedding embedding = predictor.embed(ImageSource.of(plane(z)));
        write(group, CacheLayout.FEATURES, z, embedding, sizes(embedding.transform()));
      }
      listener.progress(++done, total);
    }
    return sizes(
        CacheLayout.sizes(EmbeddingCache.required(group, CacheLayout.FEATURES).attributes()));
  }

  private JsonObject fillTiles(ZarrGroup group, PrecomputeListener listener) {
    Tiling tiles = tiling.orElseThrow();
    ZarrGroup features = group.createGroup(CacheLayout.FEATURES, this::describe);
    JsonObject attributes = features.attributes();
    List<int[]> bySlice =
        slices(z -> tilesWithout(CacheLayout.skipped(attributes, z, tiles.count())));
    total = bySlice.stream().mapToLong(slice -> slice.length).sum();
    for (int z = 0; z < image.count(); z++) {
      ImageSource plane = null;
      for (int tile : bySlice.get(z)) {
        String name = Integer.toString(tile);
        Optional<ZarrArray> array = features.array(name);
        if (isMissing(array, z)) {
          plane = plane == null ? ImageSource.of(plane(z)) : plane;
          ImageEmbedding embedding = predictor.embed(plane.part(tiles.outer(tile)));
          write(features, name, z, embedding, sizes(embedding.transform()));
        }
        listener.progress(++done, total);
      }
    }
    JsonObject none = new JsonObject();
    none.add("input_size", JsonNull.INSTANCE);
    none.add(ORIGINAL_SIZE, JsonNull.INSTANCE);
    return none;
  }

  /** Arrays of images are there with their only chunk; those of stacks fill up. */
  private boolean isMissing(Optional<ZarrArray> array, int z) {
    return array.isEmpty() || (image.isStack() && !array.get().hasChunk(z, 0, 0, 0, 0));
  }

  private List<int[]> slices(IntFunction<int[]> tiles) {
    return IntStream.range(0, image.count()).mapToObj(tiles).toList();
  }

  private static int[] tilesWithout(boolean[] skipped) {
    return IntStream.range(0, skipped.length).filter(t -> !skipped[t]).toArray();
  }

  /** A cache that was made with a mask may lack what is asked for. */
  private void requireTiles(ZarrGroup features) {
    JsonObject attributes = features.attributes();
    for (int z = 0; z < image.count(); z++) {
      boolean[] skipped = CacheLayout.skipped(attributes, z, tiling.orElseThrow().count());
      for (int tile : tilesInMask(z)) {
        if (skipped[tile]) {
          throw new CacheException(
              "%s was made with another mask: its %s lacks tile %d of plane %d. Give that mask, another cache or delete this."
                  .formatted(path, CacheLayout.TILES_IN_MASK, tile, z));
        }
      }
    }
  }

  private void describe(ZarrGroup features) {
    CacheKey key = new CacheKey("", model, options.tiles());
    JsonObject attributes = new JsonObject();
    attributes.add(CacheLayout.SHAPE, CacheKey.pair(height, width));
    attributes.add(CacheKey.TILE_SHAPE, key.tileShape());
    attributes.add(CacheKey.HALO, key.halo());
    if (options.mask().isPresent()) {
      List<int[]> bySlice = slices(this::tilesInMask);
      JsonObject slices = new JsonObject();
      for (int z = 0; z < bySlice.size(); z++) {
        JsonArray tiles = new JsonArray();
        Arrays.stream(bySlice.get(z)).forEach(tiles::add);
        slices.add(Integer.toString(z), tiles);
      }
      attributes.add(CacheLayout.TILES_IN_MASK, image.isStack() ? slices : slices.get("0"));
    }
    features.setAttributes(attributes);
  }

  private RandomAccessibleInterval<? extends RealType<?>> plane(int z) {
    RandomAccessibleInterval<? extends RealType<?>> plane = image.plane(z);
    if (plane.dimension(0) != width || plane.dimension(1) != height) {
      throw new ImageException(
          "Plane %d has %d x %d pixels, expected %d x %d as the first: embed it on its own."
              .formatted(z, plane.dimension(0), plane.dimension(1), width, height));
    }
    return plane;
  }

  private int[] tilesInMask(int z) {
    Tiling tiles = tiling.orElseThrow();
    IntStream all = IntStream.range(0, tiles.count());
    if (options.mask().isEmpty()) {
      return all.toArray();
    }
    RandomAccessibleInterval<? extends RealType<?>> mask = maskOf(options.mask().get(), z);
    return all.filter(tile -> isInMask(mask, tiles.outer(tile))).toArray();
  }

  private RandomAccessibleInterval<? extends RealType<?>> maskOf(
      RandomAccessibleInterval<? extends RealType<?>> mask, int z) {
    boolean slices = mask.numDimensions() == 3;
    if (mask.dimension(0) != width
        || mask.dimension(1) != height
        || (slices && mask.dimension(2) != image.count())) {
      throw new ImageException(
          "The mask has the size %s, expected that of the image: %d x %d%s"
              .formatted(
                  Arrays.toString(mask.dimensionsAsLongArray()),
                  width,
                  height,
                  image.isStack() ? " x " + image.count() : ""));
    }
    return slices ? Views.zeroMin(Views.hyperSlice(mask, 2, mask.min(2) + z)) : Views.zeroMin(mask);
  }

  private static boolean isInMask(
      RandomAccessibleInterval<? extends RealType<?>> mask, Tiling.Region region) {
    FinalInterval part =
        FinalInterval.createMinSize(region.x(), region.y(), region.width(), region.height());
    for (RealType<?> pixel : Views.interval(mask, part)) {
      if (pixel.getRealDouble() != 0) {
        return true;
      }
    }
    return false;
  }

  private void write(
      ZarrGroup group, String name, int z, ImageEmbedding embedding, JsonObject attributes) {
    int channels = embedding.channels();
    int side = embedding.side();
    float[] features = embedding.features();
    if (!image.isStack()) {
      group.createArray(
          name,
          ZarrType.FLOAT32,
          new long[] {1, channels, side, side},
          new int[] {1, channels, side, side},
          array -> {
            array.setAttributes(attributes);
            array.writeChunk(i -> features[i], 0, 0, 0, 0);
          });
      return;
    }
    ZarrArray array =
        group.createArray(
            name,
            ZarrType.FLOAT32,
            new long[] {image.count(), 1, channels, side, side},
            new int[] {1, 1, channels, side, side},
            made -> made.setAttributes(attributes));
    array.writeChunk(i -> features[i], z, 0, 0, 0, 0);
  }

  private static JsonObject sizes(CoordinateTransform sizes) {
    JsonObject json = new JsonObject();
    json.add("input_size", CacheKey.pair(sizes.inputHeight(), sizes.inputWidth()));
    json.add(ORIGINAL_SIZE, CacheKey.pair(sizes.originalHeight(), sizes.originalWidth()));
    return json;
  }
}

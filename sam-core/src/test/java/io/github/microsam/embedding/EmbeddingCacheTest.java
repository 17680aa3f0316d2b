package io.github.microsam.embedding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.microsam.image.ImageException;
import io.github.microsam.image.ImageSource;
import io.github.microsam.image.Tiling;
import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.ImageEmbedding;
import io.github.microsam.prompt.SamPredictor;
import io.github.microsam.segment.DistanceMaps;
import io.github.microsam.segment.MapDecoder;
import io.github.microsam.weights.SamWeights;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.zarr.ZarrFormat;
import io.github.microsam.zarr.ZarrGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedByteType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Caches that are made here. */
class EmbeddingCacheTest extends CacheFixture {
  private static final SamModel OTHER = model(2);

  @AfterAll
  static void closeOther() {
    OTHER.close();
  }

  @ParameterizedTest
  @EnumSource
  void anEmbeddingComesBackAsItWas(ZarrFormat format) {
    Path path = folder.resolve("new").resolve("cells.zarr");
    EmbeddingCache made = precompute(path, image, CacheOptions.defaults().withFormat(format));
    EmbeddingCache opened = EmbeddingCache.open(path, CacheModel.of(sam));
    for (EmbeddingCache cache : List.of(made, opened)) {
      assertFalse(cache.isStack());
      TileEmbeddings tiles = cache.embeddings();
      assertEquals(new Tiling(90, 70, 90, 70, 0, 0), tiles.tiling());
      assertSame(predictor.embed(ImageSource.of(pixels(1))), tiles.embedding(0));
    }
  }

  @ParameterizedTest
  @EnumSource
  void embeddingsOfAStackComeBackAsTheyWere(ZarrFormat format) {
    EmbeddingCache cache =
        precompute(folder.resolve("a.zarr"), stack, CacheOptions.defaults().withFormat(format));
    assertTrue(cache.isStack());
    assertEquals(3, cache.slices());
    for (int z = 0; z < 3; z++) {
      assertSame(predictor.embed(ImageSource.of(stack.plane(z))), cache.embeddings(z).embedding(0));
    }
    assertThrows(CacheException.class, cache::embeddings);
    assertThrows(IndexOutOfBoundsException.class, () -> cache.embeddings(3));
  }

  @ParameterizedTest
  @EnumSource
  void embeddingsOfTilesComeBackAsTheyWere(ZarrFormat format) {
    CacheOptions options = CacheOptions.defaults().withTiles(TILES).withFormat(format);
    for (ImagePlanes planes : List.of(image, stack)) {
      EmbeddingCache cache = precompute(folder.resolve(planes.count() + ".zarr"), planes, options);
      for (int z = 0; z < planes.count(); z++) {
        TileEmbeddings tiles = cache.embeddings(z);
        Tiling tiling = new Tiling(90, 70, 50, 40, 10, 8);
        assertEquals(tiling, tiles.tiling());
        ImageSource plane = ImageSource.of(planes.plane(z));
        for (int t = 0; t < 4; t++) {
          assertFalse(tiles.isSkipped(t));
          assertSame(predictor.embed(plane.part(tiling.outer(t))), tiles.embedding(t));
        }
      }
    }
  }

  @Test
  void tilesWithoutAPixelOfTheMaskAreLeftOut() {
    RandomAccessibleInterval<UnsignedByteType> mask = ArrayImgs.unsignedBytes(90, 70, 3);
    mask.getAt(0, 0, 0).set(9); // in the first tile only
    mask.getAt(45, 35, 2).set(1); // in the halo of all four
    CacheOptions options = CacheOptions.defaults().withTiles(TILES);
    EmbeddingCache cache = precompute(folder.resolve("stack.zarr"), stack, options.withMask(mask));
    boolean[][] skipped = {
      {false, true, true, true}, {true, true, true, true}, {false, false, false, false}
    };
    for (int z = 0; z < 3; z++) {
      TileEmbeddings tiles = cache.embeddings(z);
      for (int t = 0; t < 4; t++) {
        int tile = t;
        assertEquals(skipped[z][t], tiles.isSkipped(t), z + ", " + t);
        if (skipped[z][t]) {
          assertThrows(IllegalArgumentException.class, () -> tiles.embedding(tile));
        } else {
          assertEquals(16, tiles.embedding(t).channels());
        }
      }
    }
    EmbeddingCache single =
        precompute(
            folder.resolve("image.zarr"), image, options.withMask(Views.hyperSlice(mask, 2, 0)));
    assertFalse(single.embeddings().isSkipped(0));
    assertTrue(single.embeddings().isSkipped(3));
  }

  /** As where objects are cut at a mask. */
  @Test
  void aMaskIsWhatIsNotZero() {
    RandomAccessibleInterval<FloatType> mask = ArrayImgs.floats(90, 70);
    mask.getAt(89, 69).set(-1);
    CacheOptions options = CacheOptions.defaults().withTiles(TILES).withMask(mask);
    TileEmbeddings tiles = precompute(folder.resolve("a.zarr"), image, options).embeddings();
    assertTrue(tiles.isSkipped(0));
    assertFalse(tiles.isSkipped(3));
  }

  @Test
  void aMaskOfAnotherSizeIsRefused() {
    CacheOptions options =
        CacheOptions.defaults().withTiles(TILES).withMask(ArrayImgs.unsignedBytes(90, 71));
    ImageException e =
        assertThrows(
            ImageException.class, () -> precompute(folder.resolve("a.zarr"), image, options));
    assertTrue(e.getMessage().contains("[90, 71]"), e::getMessage);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatAnEndedRunHasLeftIsTakenUp(boolean tiled) throws IOException {
    Path path = folder.resolve("a.zarr");
    CacheOptions options =
        tiled ? CacheOptions.defaults().withTiles(TILES) : CacheOptions.defaults();
    PrecomputeListener ending =
        (done, total) -> {
          if (done == 2) {
            throw new IllegalStateException("ended");
          }
        };
    assertThrows(
        IllegalStateException.class,
        () ->
            EmbeddingCache.precompute(path, predictor, CacheModel.of(sam), stack, options, ending));
    CacheException incomplete =
        assertThrows(CacheException.class, () -> EmbeddingCache.open(path, CacheModel.of(sam)));
    assertTrue(incomplete.getMessage().contains("not complete"), incomplete::getMessage);
    Map<Path, Object> before = chunks(path);
    assertEquals(2, before.size());
    List<Long> progress = new ArrayList<>();
    EmbeddingCache.precompute(
        path,
        predictor,
        CacheModel.of(sam),
        stack,
        options,
        (done, total) -> progress.add(total * 100 + done));
    Map<Path, Object> after = chunks(path);
    assertEquals(tiled ? 12 : 3, after.size());
    before.forEach((chunk, key) -> assertEquals(key, after.get(chunk), "rewritten: " + chunk));
    assertEquals(tiled ? 12 : 3, progress.size());
    EmbeddingCache complete = precompute(path, stack, options);
    assertEquals(after, chunks(path), "a complete cache is not touched");
    assertEquals(3, complete.slices());
  }

  @Test
  void otherPixelsTilesAndModelsAreToldByName() {
    Path path = folder.resolve("a.zarr");
    CacheOptions tiled = CacheOptions.defaults().withTiles(TILES);
    precompute(path, image, tiled);
    assertTold("data_signature", () -> precompute(path, ImagePlanes.of(pixels(2)), tiled));
    assertTold(
        "tile_shape is [40,50], expected null",
        () -> precompute(path, image, CacheOptions.defaults()));
    CacheOptions halo = CacheOptions.defaults().withTiles(new CacheOptions.TileSize(50, 40, 8, 10));
    assertTold("halo is [8,10], expected [10,8]", () -> precompute(path, image, halo));
    assertTold(
        "microsam_encoder_fingerprint",
        () ->
            EmbeddingCache.precompute(
                path,
                new SamPredictor(OTHER),
                CacheModel.of(OTHER),
                image,
                tiled,
                PrecomputeListener.SILENT));
    assertTold(
        "microsam_encoder_fingerprint", () -> EmbeddingCache.open(path, CacheModel.of(OTHER)));
    EmbeddingCache cache = EmbeddingCache.open(path, CacheModel.of(sam));
    cache.requireImage(image);
    assertTold("another image", () -> cache.requireImage(ImagePlanes.of(pixels(2))));
  }

  /** Their bytes, of which signatures are made, are the same. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theSamePixelsInAnotherArrangementAreOthers(boolean tiled) {
    byte[] pixels = new byte[6 * 90 * 70];
    new Random(1).nextBytes(pixels);
    CacheOptions options =
        tiled ? CacheOptions.defaults().withTiles(TILES) : CacheOptions.defaults();
    String size = tiled ? "shape" : "original_size";
    Path path = folder.resolve("wide.zarr");
    ImagePlanes wide = ImagePlanes.of(ArrayImgs.unsignedBytes(pixels, 180, 210));
    ImagePlanes high = ImagePlanes.of(ArrayImgs.unsignedBytes(pixels, 210, 180));
    EmbeddingCache cache = precompute(path, wide, options);
    assertTold(size + " is [210,180], expected [180,210]", () -> precompute(path, high, options));
    assertTold("of 180 x 210 x 1 pixels, expected 210 x 180 x 1", () -> cache.requireImage(high));
    Path stacked = folder.resolve("stack.zarr");
    RandomAccessibleInterval<UnsignedByteType> six = ArrayImgs.unsignedBytes(pixels, 90, 70, 6);
    ImagePlanes stack = ImagePlanes.ofStack(6, z -> Views.hyperSlice(six, 2, z));
    precompute(stacked, stack, options).requireImage(stack);
    RandomAccessibleInterval<UnsignedByteType> first = ArrayImgs.unsignedBytes(pixels, 90, 420);
    assertTold(
        size + " is [70,90], expected [420,90]",
        () -> precompute(stacked, ImagePlanes.of(first), options));
    byte[] same = new byte[90 * 70];
    ImagePlanes image = ImagePlanes.of(ArrayImgs.unsignedBytes(same, 90, 70));
    ImagePlanes single = ImagePlanes.ofStack(1, z -> ArrayImgs.unsignedBytes(same, 90, 70));
    Path one = folder.resolve("one.zarr");
    precompute(one, image, options);
    assertTold("is of an image, expected a stack of 1", () -> precompute(one, single, options));
  }

  @Test
  void theImageEncoderDecidesWhoseEmbeddingsTheyAre() {
    Path path = folder.resolve("a.zarr");
    precompute(path, image, CacheOptions.defaults());
    Path checkpoint = folder.resolve("plain.safetensors");
    sam.save(checkpoint);
    try (SamWeights weights = SamWeights.open(checkpoint);
        SamModel decoding =
            SamModel.extended(
                weights,
                ModelOptions.defaults(),
                Optional.empty(),
                Optional.of(new UnetrConfig(4, 4, false, 3)),
                1)) {
      assertNotEquals(sam.fingerprint(), decoding.fingerprint());
      ImageEmbedding embedding =
          EmbeddingCache.open(path, CacheModel.of(decoding)).embeddings().embedding(0);
      DistanceMaps maps = new MapDecoder(decoding).maps(embedding);
      assertArrayEquals(new long[] {90, 70}, maps.foreground().dimensionsAsLongArray());
    }
  }

  @Test
  void anEmbeddingAtNativeResolutionComesBackAsItWas() {
    ImagePlanes small = ImagePlanes.of(ArrayImgs.unsignedBytes(new byte[30 * 20], 30, 20));
    Path path = folder.resolve("small.zarr");
    try (SamModel enlarging = model(1);
        SamModel padding = model(1, ModelOptions.defaults().withNativeResolution(true))) {
      SamPredictor padded = new SamPredictor(padding);
      EmbeddingCache cache =
          EmbeddingCache.precompute(
              path,
              padded,
              CacheModel.of(padding),
              small,
              CacheOptions.defaults(),
              PrecomputeListener.SILENT);
      assertSame(padded.embed(ImageSource.of(small.plane(0))), cache.embeddings().embedding(0));
      assertTold(
          "microsam_encoder_fingerprint",
          () -> EmbeddingCache.open(path, CacheModel.of(enlarging)));
    }
  }

  @Test
  void aCacheWithAMaskIsNotTakenForMore() {
    Path path = folder.resolve("a.zarr");
    CacheOptions tiled = CacheOptions.defaults().withTiles(TILES);
    RandomAccessibleInterval<UnsignedByteType> corner = ArrayImgs.unsignedBytes(90, 70);
    corner.getAt(89, 69).set(1);
    precompute(path, image, tiled.withMask(corner));
    precompute(path, image, tiled.withMask(corner));
    assertTold("tiles_in_mask lacks tile 0 of plane 0", () -> precompute(path, image, tiled));
    RandomAccessibleInterval<UnsignedByteType> other = ArrayImgs.unsignedBytes(90, 70);
    other.getAt(0, 69).set(1);
    assertTold("lacks tile 2", () -> precompute(path, image, tiled.withMask(other)));
  }

  @Test
  void aCacheTellsItsTilesAndTheSizeOfInputs() {
    Path path = folder.resolve("a.zarr");
    CacheOptions whole = CacheOptions.defaults();
    CacheModel model = CacheModel.of(sam);
    assertEquals(Optional.empty(), CacheInput.of(path, model));
    precompute(path, image, whole.withTiles(TILES));
    assertEquals(Optional.of(new CacheInput(Optional.of(TILES), 64)), CacheInput.of(path, model));
    Path other = folder.resolve("whole.zarr");
    precompute(other, image, whole);
    assertEquals(Optional.of(new CacheInput(Optional.empty(), 64)), CacheInput.of(other, model));
    assertTold("microsam_encoder_fingerprint", () -> CacheInput.of(other, CacheModel.of(OTHER)));
  }

  @Test
  void aDamagedEmbeddingIsTold() throws IOException {
    Path path = folder.resolve("a.zarr");
    EmbeddingCache cache = precompute(path, image, CacheOptions.defaults());
    Path chunk = chunks(path).keySet().iterator().next();
    Files.write(chunk, new byte[] {1, 2, 3});
    TileEmbeddings tiles = cache.embeddings();
    assertTold(chunk + " is damaged", () -> tiles.embedding(0));
  }

  @Test
  void damagedAttributesAreTold() {
    Path path = folder.resolve("a.zarr");
    EmbeddingCache cache = precompute(path, image, CacheOptions.defaults().withTiles(TILES));
    ZarrGroup features = ZarrGroup.find(path.resolve("features")).orElseThrow();
    JsonObject attributes = features.attributes();
    attributes.add("tiles_in_mask", JsonParser.parseString("[9]"));
    features.setAttributes(attributes);
    assertTold("a tile 9 of 4", cache::embeddings);
    attributes.remove("halo");
    features.setAttributes(attributes);
    assertTold("halo is null", cache::embeddings);
  }

  @Test
  void statesLieBesideTheEmbeddings() {
    EmbeddingCache cache = precompute(folder.resolve("a.zarr"), image, CacheOptions.defaults());
    assertEquals(cache.path().resolve("microsam_state").resolve("ais"), cache.stateFile("ais"));
  }

  /** The chunks and what tells one file from another that replaces it. */
  private static Map<Path, Object> chunks(Path cache) throws IOException {
    Map<Path, Object> chunks = new TreeMap<>();
    try (Stream<Path> files = Files.walk(cache)) {
      for (Path file :
          files
              .filter(f -> f.getFileName().toString().matches("\\d+") && Files.isRegularFile(f))
              .toList()) {
        chunks.put(
            file,
            Files.getAttribute(file, "basic:fileKey") + " " + Files.getLastModifiedTime(file));
      }
    }
    return chunks;
  }
}

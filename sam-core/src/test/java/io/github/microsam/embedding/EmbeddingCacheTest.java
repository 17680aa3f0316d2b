package io.github.microsam.embedding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.microsam.image.CoordinateTransform;
import io.github.microsam.image.ImageException;
import io.github.microsam.image.ImageSource;
import io.github.microsam.image.Tiling;
import io.github.microsam.io.PythonModule;
import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.ImageEmbedding;
import io.github.microsam.prompt.SamPredictor;
import io.github.microsam.segment.DistanceMaps;
import io.github.microsam.segment.MapDecoder;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.SamWeights;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import io.github.microsam.zarr.ZarrFormat;
import io.github.microsam.zarr.ZarrGroup;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.RealType;
import net.imglib2.type.numeric.integer.UnsignedByteType;
import net.imglib2.type.numeric.integer.UnsignedShortType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Caches that are made here, and those of micro-sam ({@code embedding/make_caches.py}). Where a
 * Python with zarr is on the machine, it opens what is made here as micro-sam does; micro-sam
 * itself was not run.
 */
class EmbeddingCacheTest {
  private static final SamModel MODEL = model(1);
  private static final SamModel OTHER = model(2);
  private static final CacheOptions.TileSize TILES = new CacheOptions.TileSize(50, 40, 10, 8);

  private final SamPredictor predictor = new SamPredictor(MODEL);
  private final ImagePlanes image = ImagePlanes.of(pixels(1));
  private final ImagePlanes stack = ImagePlanes.ofStack(3, z -> pixels(10 + z));

  @TempDir Path folder;

  @AfterAll
  static void close() {
    MODEL.close();
    OTHER.close();
  }

  private static SamModel model(long seed) {
    return model(seed, ModelOptions.defaults());
  }

  private static SamModel model(long seed, ModelOptions options) {
    return SamModel.random(
        new SamConfig(
            new VitConfig(64, 16, 24, 2, 2, 96, 3, List.of(1), 16),
            new MaskDecoderConfig(3, 2, 8, 32, 3, 16, 16),
            Optional.empty()),
        options,
        seed);
  }

  private static RandomAccessibleInterval<UnsignedByteType> pixels(long seed) {
    byte[] pixels = new byte[90 * 70];
    new Random(seed).nextBytes(pixels);
    return ArrayImgs.unsignedBytes(pixels, 90, 70);
  }

  @ParameterizedTest
  @EnumSource
  void anEmbeddingComesBackAsItWas(ZarrFormat format) {
    Path path = folder.resolve("new").resolve("cells.zarr");
    EmbeddingCache made = precompute(path, image, CacheOptions.defaults().withFormat(format));
    EmbeddingCache opened = EmbeddingCache.open(path, CacheModel.of(MODEL));
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
            EmbeddingCache.precompute(
                path, predictor, CacheModel.of(MODEL), stack, options, ending));
    CacheException incomplete =
        assertThrows(CacheException.class, () -> EmbeddingCache.open(path, CacheModel.of(MODEL)));
    assertTrue(incomplete.getMessage().contains("not complete"), incomplete::getMessage);
    Map<Path, Object> before = chunks(path);
    assertEquals(2, before.size());
    List<Long> progress = new ArrayList<>();
    EmbeddingCache.precompute(
        path,
        predictor,
        CacheModel.of(MODEL),
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
    EmbeddingCache cache = EmbeddingCache.open(path, CacheModel.of(MODEL));
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
    MODEL.save(checkpoint);
    try (SamWeights weights = SamWeights.open(checkpoint);
        SamModel decoding =
            SamModel.extended(
                weights,
                ModelOptions.defaults(),
                Optional.empty(),
                Optional.of(new UnetrConfig(4, 4, false, 3)),
                1)) {
      assertNotEquals(MODEL.fingerprint(), decoding.fingerprint());
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
    CacheModel model = CacheModel.of(MODEL);
    assertEquals(Optional.empty(), CacheInput.of(path, model));
    precompute(path, image, whole.withTiles(TILES));
    assertEquals(Optional.of(new CacheInput(Optional.of(TILES), 64)), CacheInput.of(path, model));
    Path other = folder.resolve("whole.zarr");
    precompute(other, image, whole);
    assertEquals(Optional.of(new CacheInput(Optional.empty(), 64)), CacheInput.of(other, model));
    assertTold("microsam_encoder_fingerprint", () -> CacheInput.of(other, CacheModel.of(OTHER)));
  }

  @Test
  void cachesOfMicroSamAreOpened() throws IOException {
    unpack();
    CacheModel model =
        new CacheModel("vit_b", "vit_b_lm", Optional.of("ab".repeat(16)), "fingerprint", 64);
    for (String version : List.of("v2", "v3")) {
      Path root = folder.resolve(version);
      TileEmbeddings whole = EmbeddingCache.open(root.resolve("whole.zarr"), model).embeddings();
      assertFeatures(0, whole.embedding(0));
      assertEquals(new CoordinateTransform(90, 70, 64, 50), whole.embedding(0).transform());
      assertEquals(64, whole.embedding(0).imageSize());
      assertEquals("fingerprint", whole.embedding(0).fingerprint());
      EmbeddingCache stacked = EmbeddingCache.open(root.resolve("stack.zarr"), model);
      assertEquals(3, stacked.slices());
      assertFeatures(1, stacked.embeddings(2).embedding(0));
      TileEmbeddings tiles = EmbeddingCache.open(root.resolve("tiled.zarr"), model).embeddings();
      assertEquals(new Tiling(90, 70, 50, 40, 10, 8), tiles.tiling());
      assertFeatures(3, tiles.embedding(3));
      assertEquals(new CoordinateTransform(50, 38, 64, 49), tiles.embedding(3).transform());
      assertTrue(tiles.isSkipped(2));
      EmbeddingCache both = EmbeddingCache.open(root.resolve("tiled_stack.zarr"), model);
      assertFeatures(4, both.embeddings(2).embedding(3));
      assertTrue(both.embeddings(1).isSkipped(3));
      assertTrue(both.embeddings(2).isSkipped(0));
    }
  }

  @Test
  void cachesOfMicroSamAreCheckedByWhatTheyTell() throws IOException {
    unpack();
    Path path = folder.resolve("v2").resolve("whole.zarr");
    Optional<String> hash = Optional.of("ab".repeat(16));
    EmbeddingCache.open(path, new CacheModel("vit_b", "vit_b", Optional.empty(), "f", 64));
    assertTold(
        "model_type is \"vit_b\", expected \"vit_l\"",
        () -> EmbeddingCache.open(path, new CacheModel("vit_l", "vit_l_lm", hash, "f", 64)));
    assertTold(
        "model_name is \"vit_b_lm\"",
        () ->
            EmbeddingCache.open(
                path, new CacheModel("vit_b", "vit_b_em_organelles", hash, "f", 64)));
    assertTold(
        "model_hash",
        () ->
            EmbeddingCache.open(
                path, new CacheModel("vit_b", "vit_b_lm", Optional.of("cd".repeat(16)), "f", 64)));
  }

  @Test
  void anUnfinishedCacheOfAnotherProgramIsNotTrusted() throws IOException {
    unpack();
    Path path = folder.resolve("v2").resolve("whole.zarr");
    ZarrGroup.find(path).orElseThrow().setAttributes(new JsonObject());
    assertTold("not complete", () -> precompute(path, image, CacheOptions.defaults()));
    Path nothing = Files.createDirectories(folder.resolve("photos"));
    assertTold("is no cache", () -> EmbeddingCache.open(nothing, CacheModel.of(MODEL)));
  }

  @Test
  void pythonOpensACacheAsMicroSamDoes() throws Exception {
    EmbeddingCache whole = precompute(folder.resolve("whole.zarr"), image, CacheOptions.defaults());
    RandomAccessibleInterval<UnsignedByteType> mask = ArrayImgs.unsignedBytes(90, 70);
    mask.getAt(89, 0).set(1);
    EmbeddingCache tiled =
        precompute(
            folder.resolve("tiled.zarr"),
            stack,
            CacheOptions.defaults().withTiles(TILES).withMask(mask));
    String script =
        """
        import hashlib, sys, numpy as np, zarr
        for path in sys.argv[1:]:
            f = zarr.open(path, mode="a")
            assert "input_size" in f.attrs
            print(f.attrs["model_type"], f.attrs["tile_shape"], f.attrs["halo"], f.attrs["input_size"],
                  f.attrs["original_size"], f.attrs["data_signature"])
            features = f["features"]
            if f.attrs["input_size"] is None:
                tiles = features.attrs["tiles_in_mask"]
                a = features[str(tiles["2"][0])]
                print(features.attrs["shape"], tiles, a.attrs["original_size"], a.attrs["input_size"])
                a = a[2]
            else:
                a = features[:]
            print(a.shape, a.dtype, hashlib.sha1(a.tobytes()).hexdigest())
        """;
    ImageEmbedding tile = tiled.embeddings(2).embedding(1);
    assertEquals(
        """
        %s None None [50, 64] [70, 90] %s
        (1, 16, 4, 4) float32 %s
        %s [40, 50] [8, 10] None None %s
        [70, 90] {'0': [1], '1': [1], '2': [1]} [48, 50] [61, 64]
        (1, 16, 4, 4) float32 %s
        """
            .formatted(
                CacheModel.of(MODEL).type(),
                image.signature(),
                sha1(whole.embeddings().embedding(0)),
                CacheModel.of(MODEL).type(),
                stack.signature(),
                sha1(tile))
            .strip(),
        PythonModule.run("zarr", script, whole.path(), tiled.path()));
  }

  @Test
  void signaturesAreThoseOfNumPy() throws Exception {
    RandomAccessibleInterval<UnsignedShortType> colours = ArrayImgs.unsignedShorts(5, 4, 3);
    int[] i = new int[1];
    colours.forEach(value -> value.set(1000 * i[0]++));
    RandomAccessibleInterval<? extends RealType<?>> moved = Views.translate(colours, 7, 7, 7);
    // import hashlib, numpy as np
    // a = (1000 * np.arange(60)).astype("<u2").reshape(3, 4, 5).transpose(1, 2, 0)
    // hashlib.sha1(a.tobytes()).hexdigest()
    assertEquals("eda1c8bf0552fb981358421e3be3f0fcdf155420", ImagePlanes.of(moved).signature());
    // a = (np.arange(12).reshape(2, 2, 3) / 8).astype("<f4")
    float[] values = new float[12];
    for (int n = 0; n < 12; n++) {
      values[n] = n / 8f;
    }
    RandomAccessibleInterval<? extends RealType<?>> floats = ArrayImgs.floats(values, 3, 2, 2);
    assertEquals(
        "0e26920c8d253ee738c4b5083f8c70965d7cfed9",
        ImagePlanes.ofStack(2, z -> Views.hyperSlice(floats, 2, z)).signature());
  }

  @Test
  void twoThreadsThatFillOneCacheLeaveItWhole() throws Exception {
    Path path = folder.resolve("a.zarr");
    CacheOptions options = CacheOptions.defaults().withTiles(TILES);
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Thread thread = new Thread(() -> precompute(path, stack, options));
      thread.setUncaughtExceptionHandler((t, e) -> failures.add(e));
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(List.of(), failures);
    EmbeddingCache cache = EmbeddingCache.open(path, CacheModel.of(MODEL));
    for (int z = 0; z < 3; z++) {
      ImageSource plane = ImageSource.of(stack.plane(z));
      for (int t = 0; t < 4; t++) {
        TileEmbeddings tiles = cache.embeddings(z);
        assertSame(predictor.embed(plane.part(tiles.tiling().outer(t))), tiles.embedding(t));
      }
    }
    try (Stream<Path> files = Files.walk(folder)) {
      assertEquals(List.of(), files.filter(f -> f.toString().contains(".part")).toList());
    }
  }

  /** Both wait until both are ready, so that they write at the same time. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void twoProcessesThatFillOneCacheWriteWhatOneWrites(boolean tiled) throws Exception {
    Path alone = folder.resolve("alone.zarr");
    precompute(alone, many(), manyOptions(tiled));
    Path both = folder.resolve("both.zarr");
    List<Process> processes = new ArrayList<>();
    try {
      for (int i = 0; i < 2; i++) {
        processes.add(
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    EmbeddingCacheTest.class.getName(),
                    both.toString(),
                    Boolean.toString(tiled))
                .redirectError(folder.resolve("errors" + i).toFile())
                .start());
      }
      for (Process process : processes) {
        assertEquals('r', process.getInputStream().read());
      }
      for (Process process : processes) {
        process.getOutputStream().write('g');
        process.getOutputStream().flush();
      }
      for (int i = 0; i < 2; i++) {
        assertEquals(0, processes.get(i).waitFor(), Files.readString(folder.resolve("errors" + i)));
      }
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
    assertEquals(contents(alone), contents(both));
  }

  /** Fills a cache when it is told to. */
  public static void main(String[] arguments) throws IOException {
    CacheOptions options = manyOptions(Boolean.parseBoolean(arguments[1]));
    SamPredictor predictor = new SamPredictor(MODEL);
    predictor.embed(ImageSource.of(pixels(0)));
    System.out.write('r');
    System.out.flush();
    if (System.in.read() != 'g') {
      throw new IOException("ended");
    }
    EmbeddingCache.precompute(
        Path.of(arguments[0]),
        predictor,
        CacheModel.of(MODEL),
        many(),
        options,
        PrecomputeListener.SILENT);
    close();
  }

  private static ImagePlanes many() {
    return ImagePlanes.ofStack(20, z -> pixels(10 + z));
  }

  private static CacheOptions manyOptions(boolean tiled) {
    return tiled ? CacheOptions.defaults().withTiles(TILES) : CacheOptions.defaults();
  }

  private static Map<String, String> contents(Path cache) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(cache)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String bytes = HexFormat.of().formatHex(Files.readAllBytes(file));
        contents.put(cache.relativize(file).toString(), bytes);
      }
    }
    return contents;
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

  private EmbeddingCache precompute(Path path, ImagePlanes planes, CacheOptions options) {
    return EmbeddingCache.precompute(
        path, predictor, CacheModel.of(MODEL), planes, options, PrecomputeListener.SILENT);
  }

  private static void assertTold(String what, org.junit.jupiter.api.function.Executable action) {
    CacheException e = assertThrows(CacheException.class, action);
    assertTrue(e.getMessage().contains(what), e::getMessage);
  }

  private static void assertSame(ImageEmbedding expected, ImageEmbedding found) {
    assertArrayEquals(expected.features(), found.features());
    assertEquals(expected.transform(), found.transform());
    assertEquals(expected.channels(), found.channels());
    assertEquals(expected.imageSize(), found.imageSize());
    assertEquals(expected.fingerprint(), found.fingerprint());
  }

  private static void assertFeatures(double first, ImageEmbedding found) {
    assertEquals(16, found.channels());
    assertEquals(4, found.side());
    for (int i = 0; i < found.features().length; i++) {
      int channel = i / 16;
      int row = i / 4 % 4;
      double expected = first + channel / 8.0 + row / 64.0 + i % 4 / 1024.0;
      assertEquals(expected, found.features()[i], "at " + i);
    }
  }

  private static String sha1(ImageEmbedding embedding) {
    float[] features = embedding.features();
    return ImagePlanes.of(ArrayImgs.floats(features, features.length, 1)).signature();
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

  private void unpack() throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/embedding/caches.zip");
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = folder.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.write(file, zip.readAllBytes());
      }
    }
  }
}

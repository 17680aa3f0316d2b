package io.github.microsam.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.embedding.CacheException;
import io.github.microsam.embedding.CacheModel;
import io.github.microsam.embedding.CacheOptions;
import io.github.microsam.embedding.EmbeddingCache;
import io.github.microsam.embedding.ImagePlanes;
import io.github.microsam.embedding.PrecomputeListener;
import io.github.microsam.embedding.TileEmbeddings;
import io.github.microsam.image.ImageException;
import io.github.microsam.image.ImageSource;
import io.github.microsam.image.Tiling;
import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.SamPredictor;
import io.github.microsam.weights.SamWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedByteType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AutomaticSegmentationTest {
  private static final SamModel MODEL = Scenes.tinyModel(true);
  private static final SegmentationOptions LOOSE =
      SegmentationOptions.reference()
          .withGrid(g -> g.withPointsPerSide(4))
          .withMasks(m -> m.withThresholds(-1, 0))
          .withAis(
              a ->
                  a.withForegroundThreshold(0.3)
                      .withCenterDistanceThreshold(0.7)
                      .withBoundaryDistanceThreshold(0.7))
          .withApg(a -> a.withMapThresholds(0.7, 0.7, 0.3).withMinSize(0));

  @AfterAll
  static void close() {
    MODEL.close();
  }

  private static RandomAccessibleInterval<UnsignedByteType> image(int... size) {
    byte[] pixels = new byte[Arrays.stream(size).reduce(1, (a, b) -> a * b)];
    new Random(4).nextBytes(pixels);
    return ArrayImgs.unsignedBytes(pixels, Arrays.stream(size).asLongStream().toArray());
  }

  private static RandomAccessibleInterval<UnsignedByteType> other(int... size) {
    RandomAccessibleInterval<UnsignedByteType> image = image(size);
    image.forEach(pixel -> pixel.set(255 - pixel.get()));
    return image;
  }

  @Test
  void theModeFollowsTheModel() {
    assertEquals(Mode.AIS, AutomaticSegmentation.of(MODEL, Mode.AUTO).mode());
    try (SamModel plain = Scenes.tinyModel(false)) {
      assertEquals(Mode.AMG, AutomaticSegmentation.of(plain, Mode.AUTO).mode());
      for (Mode mode : new Mode[] {Mode.AIS, Mode.APG}) {
        SegmentationException e =
            assertThrows(SegmentationException.class, () -> AutomaticSegmentation.of(plain, mode));
        assertTrue(e.getMessage().contains("no decoder"), e.getMessage());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"AMG", "AIS", "APG"})
  void everyModeSegmentsWholeImagesTilesAndStacksAlike(Mode mode) {
    AutomaticSegmentation automatic = AutomaticSegmentation.of(MODEL, mode);
    RandomAccessibleInterval<UnsignedByteType> stack = image(100, 70, 2);
    Segmentation both =
        automatic.segmentSlices(
            2,
            z -> ImageSource.of(Views.hyperSlice(stack, 2, z)),
            LOOSE,
            SegmentationListener.SILENT);
    int before = 0;
    for (int z = 0; z < 2; z++) {
      ImageSource slice = ImageSource.of(Views.hyperSlice(stack, 2, z));
      Segmentation alone = automatic.segment(slice, LOOSE);
      int[] ids = Scenes.ids(alone.labels());
      int[] inStack = Scenes.ids(Views.hyperSlice(both.labels(), 2, z));
      for (int i = 0; i < ids.length; i++) {
        assertEquals(ids[i] == 0 ? 0 : ids[i] + before, inStack[i], "pixel " + i);
      }
      assertEquals(alone.count(), Arrays.stream(ids).max().orElseThrow());
      before += alone.count();
    }
    assertEquals(before, both.count());
    ImageSource slice = ImageSource.of(Views.hyperSlice(stack, 2, 0));
    Segmentation tiled = automatic.segment(slice, LOOSE.withTiles(new Tiles.Fixed(60, 40, 8, 8)));
    TileEmbeddings tiles =
        TileEmbeddings.compute(new SamPredictor(MODEL), slice, new Tiling(100, 70, 60, 40, 8, 8));
    Scenes.assertSameLabels(
        tiled.labels(), automatic.segment(tiles, LOOSE, SegmentationListener.SILENT).labels());
  }

  private static EmbeddingCache cache(
      Path path, SamModel model, RandomAccessibleInterval<UnsignedByteType> stack) {
    return EmbeddingCache.precompute(
        path,
        new SamPredictor(model),
        CacheModel.of(model),
        ImagePlanes.ofStack(2, z -> Views.hyperSlice(stack, 2, z)),
        CacheOptions.defaults().withTiles(new CacheOptions.TileSize(60, 40, 8, 8)),
        PrecomputeListener.SILENT);
  }

  @ParameterizedTest
  @EnumSource(names = {"AMG", "AIS", "APG"})
  void theStateBesideACacheGivesTheSameObjects(Mode mode, @TempDir Path folder) throws IOException {
    AutomaticSegmentation automatic = AutomaticSegmentation.of(MODEL, mode);
    EmbeddingCache cache = cache(folder.resolve("stack.zarr"), MODEL, image(100, 70, 2));
    Segmentation alone = automatic.segment(cache, LOOSE, SegmentationListener.SILENT);
    List<Long> progress = new ArrayList<>();
    automatic.keepState(cache, LOOSE, (done, total) -> progress.add(100 * done / total));
    assertEquals(100, progress.get(progress.size() - 1));
    assertEquals(Optional.empty(), automatic.unusedState(cache, LOOSE));
    Segmentation kept = automatic.segment(cache, LOOSE, SegmentationListener.SILENT);
    Scenes.assertSameLabels(alone.labels(), kept.labels());
    assertEquals(alone.iouPredictions(), kept.iouPredictions());
    automatic.keepState(
        cache,
        LOOSE,
        (done, total) -> {
          throw new AssertionError("what is there is computed again");
        });
    for (int z = 0; z < 2; z++) {
      KeptState state = KeptState.of(cache, z, MODEL, mode, LOOSE);
      if (mode == Mode.AMG) {
        new GridMasks(100, 70, List.of()).write(state.file(), state.key());
      } else {
        var none = ArrayImgs.floats(100, 70);
        new DistanceMaps(none, none, none).write(state.file(), state.key());
      }
    }
    assertEquals(
        0, automatic.segment(cache, LOOSE, SegmentationListener.SILENT).count(), "it is not used");
  }

  @Test
  void aStateOfAnythingElseIsNotUsed(@TempDir Path folder) throws IOException {
    RandomAccessibleInterval<UnsignedByteType> stack = image(100, 70, 2);
    EmbeddingCache cache = cache(folder.resolve("stack.zarr"), MODEL, stack);
    AutomaticSegmentation amg = AutomaticSegmentation.of(MODEL, Mode.AMG);
    amg.keepState(cache, LOOSE, SegmentationListener.SILENT);
    SegmentationOptions more = LOOSE.withGrid(g -> g.withPointsPerSide(5));
    Segmentation expected =
        AutomaticSegmentation.of(MODEL, Mode.AMG)
            .segment(
                cache(folder.resolve("other.zarr"), MODEL, stack),
                more,
                SegmentationListener.SILENT);
    Scenes.assertSameLabels(
        expected.labels(), amg.segment(cache, more, SegmentationListener.SILENT).labels());
    int points = LOOSE.grid().pointsPerSide();
    String why = amg.unusedState(cache, more).orElseThrow();
    assertTrue(
        why.endsWith("grid_masks_0: its points_per_side is " + points + ", expected 5"), why);
    CacheException refused =
        assertThrows(
            CacheException.class, () -> amg.keepState(cache, more, SegmentationListener.SILENT));
    assertTrue(refused.getMessage().contains(why), refused.getMessage());
    assertEquals(
        Optional.empty(), amg.unusedState(cache, LOOSE.withMasks(m -> m.withThresholds(0.1, 0.2))));
    AutomaticSegmentation.of(MODEL, Mode.AIS).keepState(cache, LOOSE, SegmentationListener.SILENT);
    Path maps = KeptState.of(cache, 0, MODEL, Mode.AIS, LOOSE).file();
    EmbeddingCache of = cache(folder.resolve("pixels.zarr"), MODEL, other(100, 70, 2));
    Files.createDirectories(of.stateFile("x").getParent());
    Files.copy(maps, of.stateFile(maps.getFileName().toString()));
    AutomaticSegmentation ais = AutomaticSegmentation.of(MODEL, Mode.AIS);
    why = ais.unusedState(of, LOOSE).orElseThrow();
    assertTrue(why.contains("its data_signature is"), why);
    Path checkpoint = folder.resolve("plain.safetensors");
    try (SamModel plain = Scenes.tinyModel(false)) {
      plain.save(checkpoint);
    }
    try (SamWeights weights = SamWeights.open(checkpoint);
        SamModel decoding =
            SamModel.extended(
                weights, ModelOptions.defaults(), Optional.empty(), Scenes.TINY.unetr(), 7)) {
      EmbeddingCache own = cache(folder.resolve("own.zarr"), decoding, stack);
      Files.createDirectories(own.stateFile("x").getParent());
      Files.copy(maps, own.stateFile(maps.getFileName().toString()));
      why = AutomaticSegmentation.of(decoding, Mode.AIS).unusedState(own, LOOSE).orElseThrow();
      assertTrue(why.contains("its model is"), why);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"AMG", "AIS", "APG"})
  void embeddingsOfACacheGiveTheSameObjects(Mode mode, @TempDir Path folder) {
    AutomaticSegmentation automatic = AutomaticSegmentation.of(MODEL, mode);
    SegmentationOptions tiled = LOOSE.withTiles(new Tiles.Fixed(60, 40, 8, 8));
    RandomAccessibleInterval<UnsignedByteType> stack = image(100, 70, 2);
    EmbeddingCache cache =
        EmbeddingCache.precompute(
            folder.resolve("stack.zarr"),
            new SamPredictor(MODEL),
            CacheModel.of(MODEL),
            ImagePlanes.ofStack(2, z -> Views.hyperSlice(stack, 2, z)),
            CacheOptions.defaults().withTiles(new CacheOptions.TileSize(60, 40, 8, 8)),
            PrecomputeListener.SILENT);
    Scenes.assertSameLabels(
        automatic
            .segmentSlices(
                2,
                z -> ImageSource.of(Views.hyperSlice(stack, 2, z)),
                tiled,
                SegmentationListener.SILENT)
            .labels(),
        automatic.segment(cache, LOOSE, SegmentationListener.SILENT).labels());
    RandomAccessibleInterval<UnsignedByteType> mask = ArrayImgs.unsignedBytes(100, 70);
    Views.interval(mask, new long[] {5, 5}, new long[] {50, 30}).forEach(p -> p.set(1));
    Scenes.assertSameLabels(
        automatic
            .segmentWithin(
                mask,
                ImageSource.of(Views.hyperSlice(stack, 2, 1)),
                tiled,
                SegmentationListener.SILENT)
            .labels(),
        automatic
            .segmentWithin(mask, cache.embeddings(1), LOOSE, SegmentationListener.SILENT)
            .labels());
  }

  @ParameterizedTest
  @EnumSource(names = {"AMG", "AIS", "APG"})
  void constantImagesAndSinglePixelsAreFine(Mode mode) {
    AutomaticSegmentation automatic = AutomaticSegmentation.of(MODEL, mode);
    for (int side : new int[] {1, 9}) {
      Segmentation s =
          automatic.segment(ImageSource.of(ArrayImgs.unsignedBytes(side, side)), LOOSE);
      assertEquals(side, s.labels().dimension(1));
    }
  }

  @Test
  void valuesThatAreNoNumbersAreRefused() {
    AutomaticSegmentation automatic = AutomaticSegmentation.of(MODEL, Mode.AIS);
    float[] pixels = new float[100];
    pixels[37] = Float.NaN;
    ImageException e =
        assertThrows(
            ImageException.class,
            () -> automatic.segment(ImageSource.of(ArrayImgs.floats(pixels, 10, 10)), LOOSE));
    assertTrue(e.getMessage().contains("NaN at x 7, y 3"), e.getMessage());
  }

  @Test
  void imagesThatDoNotFitAreRefusedAtOnce() {
    AutomaticSegmentation automatic = AutomaticSegmentation.of(MODEL, Mode.AIS);
    ImageSource gigapixels =
        new ImageSource() {
          @Override
          public int width() {
            return 40_000;
          }

          @Override
          public int height() {
            return 40_000;
          }

          @Override
          public int channels() {
            return 1;
          }

          @Override
          public void readRow(int channel, int y, float[] row) {
            throw new AssertionError("nothing needs to be read to see this");
          }
        };
    SegmentationException e =
        assertThrows(
            SegmentationException.class, () -> automatic.segment(gigapixels, automatic.defaults()));
    assertTrue(e.getMessage().contains("40000 x 40000"), e.getMessage());
    assertTrue(e.getMessage().contains("-Xmx"), e.getMessage());
  }

  @Test
  void cropsAndTilesExcludeEachOther() {
    AutomaticSegmentation automatic = AutomaticSegmentation.of(MODEL, Mode.AMG);
    ImageSource image = ImageSource.of(image(80, 60));
    SegmentationOptions crops = LOOSE.withGrid(g -> g.withPointsPerSide(2).withCrops(1, 0.3, 1));
    RandomAccessibleInterval<UnsignedIntType> labels = automatic.segment(image, crops).labels();
    assertEquals(80, labels.dimension(0));
    assertThrows(
        SegmentationException.class,
        () -> automatic.segment(image, crops.withTiles(new Tiles.Fixed(40, 40, 4, 4))));
  }

  @Test
  void cropsWithinAMaskAreThoseOfTheImage() {
    AutomaticSegmentation automatic = AutomaticSegmentation.of(MODEL, Mode.AMG);
    ImageSource image = ImageSource.of(image(80, 60));
    SegmentationOptions crops = LOOSE.withGrid(g -> g.withPointsPerSide(2).withCrops(1, 0.3, 1));
    RandomAccessibleInterval<UnsignedByteType> mask = ArrayImgs.unsignedBytes(80, 60);
    Views.interval(mask, new long[] {0, 0}, new long[] {30, 59}).forEach(p -> p.set(1));
    int[] whole = Scenes.ids(automatic.segment(image, crops).labels());
    int[] within =
        Scenes.ids(
            automatic.segmentWithin(mask, image, crops, SegmentationListener.SILENT).labels());
    for (int i = 0; i < whole.length; i++) {
      assertEquals(i % 80 <= 30 && whole[i] != 0, within[i] != 0, "pixel " + i);
    }
    assertThrows(
        SegmentationException.class,
        () ->
            automatic.segmentWithin(
                ArrayImgs.unsignedBytes(80, 61), image, crops, SegmentationListener.SILENT));
  }

  @Test
  void slicesOfDifferentSizeAreRefused() {
    AutomaticSegmentation automatic = AutomaticSegmentation.of(MODEL, Mode.AIS);
    assertThrows(
        SegmentationException.class,
        () ->
            automatic.segmentSlices(
                2, z -> ImageSource.of(image(40 + z, 30)), LOOSE, SegmentationListener.SILENT));
    assertThrows(
        SegmentationException.class,
        () -> automatic.segmentSlices(0, z -> null, LOOSE, SegmentationListener.SILENT));
  }
}

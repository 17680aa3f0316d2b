package io.github.microsam.embedding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.ImageEmbedding;
import io.github.microsam.prompt.SamPredictor;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.VitConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedByteType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A small model, images and their caches. */
abstract class CacheFixture {
  static final CacheOptions.TileSize TILES = new CacheOptions.TileSize(50, 40, 10, 8);

  /** Of the class that runs. */
  static SamModel sam;

  final SamPredictor predictor = new SamPredictor(sam);
  final ImagePlanes image = ImagePlanes.of(pixels(1));
  final ImagePlanes stack = ImagePlanes.ofStack(3, z -> pixels(10 + z));

  @TempDir Path folder;

  @BeforeAll
  static void makeModel() {
    sam = model(1);
  }

  @AfterAll
  static void closeModel() {
    sam.close();
  }

  static SamModel model(long seed) {
    return model(seed, ModelOptions.defaults());
  }

  static SamModel model(long seed, ModelOptions options) {
    return SamModel.random(
        new SamConfig(
            new VitConfig(64, 16, 24, 2, 2, 96, 3, List.of(1), 16),
            new MaskDecoderConfig(3, 2, 8, 32, 3, 16, 16),
            Optional.empty()),
        options,
        seed);
  }

  static RandomAccessibleInterval<UnsignedByteType> pixels(long seed) {
    byte[] pixels = new byte[90 * 70];
    new Random(seed).nextBytes(pixels);
    return ArrayImgs.unsignedBytes(pixels, 90, 70);
  }

  EmbeddingCache precompute(Path path, ImagePlanes planes, CacheOptions options) {
    return EmbeddingCache.precompute(
        path, predictor, CacheModel.of(sam), planes, options, PrecomputeListener.SILENT);
  }

  static void assertTold(String what, Executable action) {
    CacheException e = assertThrows(CacheException.class, action);
    assertTrue(e.getMessage().contains(what), e::getMessage);
  }

  static void assertSame(ImageEmbedding expected, ImageEmbedding found) {
    assertArrayEquals(expected.features(), found.features());
    assertEquals(expected.transform(), found.transform());
    assertEquals(expected.channels(), found.channels());
    assertEquals(expected.imageSize(), found.imageSize());
    assertEquals(expected.fingerprint(), found.fingerprint());
  }
}

package io.github.microsam.embedding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.github.microsam.image.CoordinateTransform;
import io.github.microsam.image.Tiling;
import io.github.microsam.io.PythonModule;
import io.github.microsam.prompt.ImageEmbedding;
import io.github.microsam.zarr.ZarrGroup;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.RealType;
import net.imglib2.type.numeric.integer.UnsignedByteType;
import net.imglib2.type.numeric.integer.UnsignedShortType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.Test;

/**
 * Caches that micro-sam made ({@code embedding/make_caches.py}). Where a Python with zarr is on the
 * machine, it opens what is made here as micro-sam does; micro-sam itself was not run.
 */
class MicroSamCacheTest extends CacheFixture {
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
    assertTold("is no cache", () -> EmbeddingCache.open(nothing, CacheModel.of(sam)));
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
                CacheModel.of(sam).type(),
                image.signature(),
                sha1(whole.embeddings().embedding(0)),
                CacheModel.of(sam).type(),
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

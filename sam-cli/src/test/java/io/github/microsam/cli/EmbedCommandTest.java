package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.github.microsam.embedding.CacheModel;
import io.github.microsam.embedding.EmbeddingCache;
import io.github.microsam.embedding.TileEmbeddings;
import io.github.microsam.image.ImageSource;
import io.github.microsam.image.Tiling;
import io.github.microsam.io.ImageFile;
import io.github.microsam.io.LabelFile;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.SamPredictor;
import io.github.microsam.weights.download.Xxh128;
import io.github.microsam.zarr.ZarrFormat;
import io.github.microsam.zarr.ZarrGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbedCommandTest {
  @TempDir static Path shared;
  @TempDir Path folder;

  private static Path model;

  @BeforeAll
  static void makeModel() {
    model = TinyModel.withoutDecoder(shared.resolve("tiny.safetensors"));
  }

  @BeforeEach
  void makeImages() {
    write("cells.tif", 90, 70);
    write("stack.tif", 60, 50, 3);
  }

  private void write(String name, long... size) {
    RandomAccessibleInterval<UnsignedIntType> image = ArrayImgs.unsignedInts(size);
    int[] i = {0};
    image.forEach(pixel -> pixel.set(i[0]++ * 7919L % 1000));
    LabelFile.write(folder.resolve(name), image);
  }

  private CommandRun embed(Object... arguments) {
    Object[] all = new Object[arguments.length + 3];
    all[0] = "embed";
    all[1] = "--model";
    all[2] = model;
    System.arraycopy(arguments, 0, all, 3, arguments.length);
    return CommandRun.of(all);
  }

  @Test
  void anImageHasTheEmbeddingThatTheLibraryComputes() throws IOException {
    Path image = folder.resolve("cells.tif");
    Path cache = folder.resolve("out/cells.zarr");
    assertEquals(image + ": " + cache + "\n", embed(image, "-o", cache).output());
    try (SamModel sam = SamModel.load(model)) {
      TileEmbeddings tiles = EmbeddingCache.open(cache, CacheModel.of(sam)).embeddings();
      assertArrayEquals(
          new SamPredictor(sam).embed(ImageSource.of(ImageFile.open(image).plane())).features(),
          tiles.embedding(0).features());
    }
    JsonObject attributes = ZarrGroup.find(cache).orElseThrow().attributes();
    assertEquals("xxh128:" + Xxh128.of(model), attributes.get("model_hash").getAsString());
    assertEquals(
        attributes.get("model_type").getAsString(), attributes.get("model_name").getAsString());
  }

  @Test
  void aFolderHasACacheForEachImage() {
    Path out = folder.resolve("embeddings");
    List<String> lines = embed(folder, "-o", out).output().lines().toList();
    assertEquals(2, lines.size(), lines.toString());
    try (SamModel sam = SamModel.load(model)) {
      CacheModel told = CacheModel.of(sam);
      assertFalse(EmbeddingCache.open(out.resolve("cells.zarr"), told).isStack());
      assertEquals(3, EmbeddingCache.open(out.resolve("stack.zarr"), told).slices());
    }
  }

  @Test
  void tilesHaloMaskAndVersionAreTaken() {
    RandomAccessibleInterval<UnsignedIntType> mask = ArrayImgs.unsignedInts(90, 70);
    mask.getAt(89, 69).set(1);
    LabelFile.write(folder.resolve("mask.png"), mask);
    Path cache = folder.resolve("tiled.zarr");
    embed(
            folder.resolve("cells.tif"),
            "-o",
            cache,
            "--tile",
            "50x40",
            "--halo",
            "10x8",
            "--mask",
            folder.resolve("mask.png"),
            "--zarr-version",
            3)
        .output();
    assertEquals(ZarrFormat.V3, ZarrGroup.find(cache).orElseThrow().format());
    try (SamModel sam = SamModel.load(model)) {
      TileEmbeddings tiles = EmbeddingCache.open(cache, CacheModel.of(sam)).embeddings();
      assertEquals(new Tiling(90, 70, 50, 40, 10, 8), tiles.tiling());
      assertTrue(tiles.isSkipped(0));
      assertFalse(tiles.isSkipped(3));
    }
  }

  @Test
  void aSecondRunLeavesWhatIsCompleteAndRefusesWhatIsOther() throws IOException {
    Path image = folder.resolve("cells.tif");
    Path cache = folder.resolve("cells.zarr");
    embed(image, "-o", cache).output();
    Path chunk = cache.resolve("features/0/0/0/0");
    Object before = Files.getLastModifiedTime(chunk);
    embed(image, "-o", cache, "--quiet").output();
    assertEquals(before, Files.getLastModifiedTime(chunk));
    String error = embed(image, "-o", cache, "--tile", 50).failure();
    assertTrue(error.contains("tile_shape is null, expected [50,50]"), error);
    write("cells.tif", 90, 71);
    error = embed(image, "-o", cache).failure();
    assertTrue(error.contains("data_signature"), error);
  }

  @Test
  void aDamagedImageIsToldAndTheRestIsDone() throws IOException {
    Files.writeString(folder.resolve("damaged.tif"), "no image");
    Path out = folder.resolve("embeddings");
    CommandRun run = embed(folder, "-o", out);
    assertEquals(1, run.exitCode());
    assertTrue(run.err().contains("damaged.tif"), run.err());
    assertTrue(run.err().contains("1 of 3 images failed."), run.err());
    assertTrue(Files.exists(out.resolve("cells.zarr")));
    assertTrue(Files.exists(out.resolve("stack.zarr")));
    assertFalse(Files.exists(out.resolve("damaged.zarr")));
  }

  @Test
  void wrongCommandLinesAreExplained() {
    Path image = folder.resolve("cells.tif");
    assertTrue(embed(image).misuse().contains("--output"));
    assertTrue(embed(image, "-o", "a.zarr", "--halo", 3).misuse().contains("--halo needs --tile"));
    assertTrue(embed(image, "-o", "a.zarr", "--tile", "big").misuse().contains("number of pixels"));
    assertTrue(
        embed(image, "-o", "a.zarr", "--zarr-version", 4).misuse().contains("expected 2 or 3"));
    assertTrue(embed(folder, "-o", "a", "--tile", 50, "--mask", image).misuse().contains("single"));
  }
}

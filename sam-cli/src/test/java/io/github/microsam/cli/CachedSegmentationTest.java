package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.embedding.CacheInput;
import io.github.microsam.embedding.CacheModel;
import io.github.microsam.embedding.CacheOptions;
import io.github.microsam.io.ImageFile;
import io.github.microsam.io.LabelFile;
import io.github.microsam.model.IncludedModel;
import io.github.microsam.model.SamModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.imglib2.Cursor;
import net.imglib2.RandomAccess;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.RealType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What commands make of the caches of the included model, which sees images at their own size. */
class CachedSegmentationTest {
  @TempDir Path folder;

  /** A part of the example, or the example continued by its mirror image. */
  private Path nuclei(int width, int height) {
    RandomAccessibleInterval<? extends RealType<?>> example =
        ImageFile.open(Path.of("../examples/nuclei.png")).plane();
    int side = (int) example.dimension(0);
    byte[] pixels = new byte[width * height];
    RandomAccess<? extends RealType<?>> access = example.randomAccess();
    for (int i = 0; i < pixels.length; i++) {
      RealType<?> pixel = access.setPositionAndGet(mirrored(i % width, side), i / width);
      pixels[i] = (byte) (int) pixel.getRealDouble();
    }
    Path file = folder.resolve("cells.tif");
    LabelFile.write(file, ArrayImgs.unsignedBytes(pixels, width, height));
    return file;
  }

  private static int mirrored(int position, int side) {
    return position < side ? position : 2 * side - 2 - position;
  }

  private CommandRun segment(Path image, String labels, Object... options) {
    List<Object> all =
        new ArrayList<>(List.of("segment", image, "-o", folder.resolve(labels), "--quiet"));
    all.addAll(Arrays.asList(options));
    return CommandRun.of(all.toArray());
  }

  private int[] objects(String labels) {
    RandomAccessibleInterval<UnsignedIntType> image = LabelFile.read(folder.resolve(labels));
    int[] ids = new int[(int) Views.flatIterable(image).size()];
    Cursor<UnsignedIntType> cursor = Views.flatIterable(image).cursor();
    for (int i = 0; i < ids.length; i++) {
      ids[i] = cursor.next().getInt();
    }
    return ids;
  }

  /** In one input of the trained size, in one that is larger, and in tiles with such inputs. */
  @ParameterizedTest
  @CsvSource({"200,160,256,false", "512,400,512,false", "560,300,384,true"})
  void objectsAreThoseThatAreFoundWithoutACache(int width, int height, int inputs, boolean cut) {
    Path image = nuclei(width, height);
    segment(image, "alone.tif").output();
    assertTrue(Arrays.stream(objects("alone.tif")).max().orElseThrow() > 3);
    Path embedded = folder.resolve("embedded.zarr");
    CommandRun.of("embed", image, "-o", embedded).output();
    Path made = folder.resolve("made.zarr");
    for (Path cache : List.of(embedded, made)) {
      segment(image, "cached.tif", "--embeddings", cache, "--overwrite").output();
      assertArrayEquals(objects("alone.tif"), objects("cached.tif"));
      CacheInput input = input(cache);
      assertEquals(inputs, input.imageSize());
      assertEquals(cut, input.tiles().isPresent());
    }
  }

  private static CacheInput input(Path cache) {
    try (SamModel nano = SamModel.of(IncludedModel.named("nano").orElseThrow().weights())) {
      return CacheInput.of(cache, CacheModel.of(nano)).orElseThrow();
    }
  }

  @Test
  void anImageThatTheModelSawShrunkIsRefused() {
    Path image = nuclei(300, 300);
    Path cache = folder.resolve("whole.zarr");
    CommandRun.of("embed", image, "-o", cache, "--tile", "none").output();
    assertEquals(new CacheInput(Optional.empty(), 256), input(cache));
    String error = segment(image, "cached.tif", "--embeddings", cache).failure();
    assertTrue(error.contains("300 x 300 pixels that was not cut into tiles"), error);
    assertTrue(error.contains("sees 256 x 256"), error);
    segment(image, "cached.tif", "--embeddings", cache, "--tile", "none").output();
    segment(image, "alone.tif", "--tile", "none").output();
    assertArrayEquals(objects("alone.tif"), objects("cached.tif"));
  }

  @Test
  void whatEmbedKeepsIsUsedAndOtherPointsAreTold() {
    Path image = nuclei(200, 160);
    Path cache = folder.resolve("cells.zarr");
    segment(image, "alone.tif").output();
    CommandRun.of("embed", image, "-o", cache, "--state").output();
    Path maps = cache.resolve("microsam_state/distance_maps");
    assertTrue(Files.exists(maps));
    segment(image, "cached.tif", "--embeddings", cache).output();
    assertArrayEquals(objects("alone.tif"), objects("cached.tif"));
    CommandRun.of("embed", image, "-o", cache, "--state", "--mode", "amg").output();
    CommandRun other =
        CommandRun.of(
            "segment",
            image,
            "-o",
            folder.resolve("few.tif"),
            "--embeddings",
            cache,
            "--mode",
            "amg",
            "--points-per-side",
            4);
    other.output();
    assertTrue(other.err().contains("Computing anew what is kept in " + cache), other.err());
    assertTrue(other.err().contains("its points_per_side is 32, expected 4"), other.err());
  }

  @Test
  void promptsNeedInputsOfTheTrainedSize() {
    Path image = nuclei(300, 300);
    Path maps = folder.resolve("maps.zarr");
    CommandRun.of("embed", image, "-o", maps).output();
    String error = predict(image, "p.tif", "--embeddings", maps).failure();
    assertTrue(error.contains("prompts need 256 x 256"), error);
    assertTrue(error.contains("--mode apg"), error);
    error = segment(image, "q.tif", "--embeddings", maps, "--mode", "apg").failure();
    assertTrue(error.contains("prompts need 256 x 256"), error);
    Path prompts = folder.resolve("prompts.zarr");
    CommandRun.of("embed", image, "-o", prompts, "--mode", "apg").output();
    assertEquals(
        new CacheInput(Optional.of(new CacheOptions.TileSize(150, 150, 32, 32)), 256),
        input(prompts));
    predict(image, "cached.tif", "--embeddings", prompts).output();
    predict(image, "alone.tif").output();
    assertArrayEquals(objects("alone.tif"), objects("cached.tif"));
  }

  private CommandRun predict(Path image, String labels, Object... options) {
    List<Object> all =
        new ArrayList<>(
            List.of("predict", image, "-m", "nano", "--box", "200,200,240,240", "--overwrite"));
    all.addAll(List.of("-o", folder.resolve(labels), "--overlay", folder.resolve("o.png")));
    all.addAll(Arrays.asList(options));
    return CommandRun.of(all.toArray());
  }
}

package io.github.microsam.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.embedding.TileEmbeddings;
import io.github.microsam.image.ImageSource;
import io.github.microsam.image.MaskUpscaling;
import io.github.microsam.image.Tiling;
import io.github.microsam.model.SamModel;
import io.github.microsam.model.UnetrDecoder;
import io.github.microsam.prompt.ImageEmbedding;
import io.github.microsam.prompt.SamPredictor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.imglib2.img.array.ArrayImgs;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

class MapDecoderTest {
  private static final SamModel MODEL = Scenes.tinyModel(true);
  private final ImageSource image = image(90, 70);

  @AfterAll
  static void close() {
    MODEL.close();
  }

  private static ImageSource image(int width, int height) {
    byte[] pixels = new byte[width * height];
    new Random(1).nextBytes(pixels);
    return ImageSource.of(ArrayImgs.unsignedBytes(pixels, width, height));
  }

  @Test
  void mapsAreTheDecodersAtTheSizeOfTheImage() {
    ImageEmbedding embedding = new SamPredictor(MODEL).embed(image);
    DistanceMaps maps = new MapDecoder(MODEL).maps(embedding);
    float[] decoded =
        MODEL
            .unetr()
            .orElseThrow()
            .run(
                Map.of(
                    UnetrDecoder.EMBEDDING,
                    Nd4j.create(embedding.features(), new long[] {1, 16, 4, 4})),
                List.of(UnetrDecoder.MAPS))
            .get(UnetrDecoder.MAPS)
            .data()
            .asFloat();
    float[] resized = new MaskUpscaling(64, 64, embedding.transform()).logits(decoded);
    int n = 90 * 70;
    assertArrayEquals(Arrays.copyOf(resized, n), Scenes.floats(maps.foreground()));
    assertArrayEquals(Arrays.copyOfRange(resized, n, 2 * n), Scenes.floats(maps.centerDistances()));
    assertArrayEquals(
        Arrays.copyOfRange(resized, 2 * n, 3 * n), Scenes.floats(maps.boundaryDistances()));
  }

  @Test
  void everyPixelComesFromItsTile() {
    SamPredictor predictor = new SamPredictor(MODEL);
    MapDecoder decoder = new MapDecoder(MODEL);
    Tiling tiling = Tiling.square(90, 70, 40, 8);
    List<Long> steps = new ArrayList<>();
    DistanceMaps maps =
        decoder.maps(
            TileEmbeddings.compute(predictor, image, tiling),
            (done, total) -> {
              assertEquals(6, total);
              steps.add(done);
            });
    assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L, 6L), steps);
    for (int t = 0; t < tiling.count(); t++) {
      DistanceMaps alone = decoder.maps(predictor.embed(image.part(tiling.outer(t))));
      assertArrayEquals(
          Scenes.floats(Scenes.part(alone.boundaryDistances(), tiling.innerInOuter(t))),
          Scenes.floats(Scenes.part(maps.boundaryDistances(), tiling.inner(t))),
          "tile " + t);
    }
  }

  @Test
  void modelsWithoutDecoderAndForeignEmbeddingsAreRefused() {
    try (SamModel other = Scenes.tinyModel(false, 2)) {
      SegmentationException e =
          assertThrows(SegmentationException.class, () -> new MapDecoder(other));
      assertTrue(e.getMessage().contains("mode AMG"), e.getMessage());
      ImageEmbedding foreign = new SamPredictor(other).embed(image);
      assertThrows(SegmentationException.class, () -> new MapDecoder(MODEL).maps(foreign));
    }
  }
}

package io.github.microsam.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.microsam.image.ImageSource;
import io.github.microsam.image.Tiling;
import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.SamPredictor;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.SamWeights;
import io.github.microsam.weights.TinyVitConfig;
import io.github.microsam.weights.UnetrConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import net.imglib2.Cursor;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputChoiceTest {
  @TempDir Path folder;

  private static final int SIZE = 64;

  private static SamConfig config(int size) {
    return new SamConfig(
        new TinyVitConfig(
            size,
            List.of(8, 8, 16),
            List.of(1, 1, 1),
            List.of(1, 1, 2),
            List.of(8, 8, 16),
            List.of(2, 2, 1),
            16),
        new MaskDecoderConfig(3, 2, 4, 32, 3, 16, 4),
        Optional.of(new UnetrConfig(4, 2, false, 3)));
  }

  private static SamModel model(boolean nativeResolution) {
    return SamModel.random(
        config(SIZE), ModelOptions.defaults().withNativeResolution(nativeResolution), 1);
  }

  private static final Tiles TILES = new Tiles.Automatic(64, 48, 8);

  @Test
  void theSizeIsTakenThatCostsLeast() {
    try (SamModel model = model(true)) {
      InputChoice small = InputChoice.of(model, TILES, 64, 40);
      assertSame(model, small.model());
      assertEquals(new Tiling(64, 40, 64, 40, 0, 0), small.tiling());
      InputChoice between = InputChoice.of(model, TILES, 90, 90);
      assertEquals(96, between.model().config().encoder().imageSize());
      assertEquals(1, between.tiling().count());
      InputChoice large = InputChoice.of(model, TILES, 128, 128);
      assertEquals(128, large.model().config().encoder().imageSize());
      assertEquals(1, large.tiling().count());
      InputChoice flat = InputChoice.of(model, TILES, 90, 20);
      assertSame(model, flat.model(), "two tiles cost less than one of 96 x 96");
      assertSame(large.model(), InputChoice.of(model, TILES, 128, 128).model(), "made once a size");
    }
  }

  @Test
  void tilesThatWereAskedForStay() {
    try (SamModel model = model(true);
        SamModel enlarging = model(false)) {
      Tiles fixed = new Tiles.Fixed(48, 48, 8, 8);
      assertSame(model, InputChoice.of(model, fixed, 128, 128).model());
      Tiles told = new Tiles.Automatic(50, 40, 5);
      assertSame(model, InputChoice.of(model, told, 128, 128).model());
      assertSame(enlarging, InputChoice.of(enlarging, TILES, 128, 128).model());
    }
  }

  @Test
  void aResizedModelIsTheOneOfThatSizeOnTheSameWeights() {
    Path file = folder.resolve("own.safetensors");
    byte[] pixels = new byte[128 * 128];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i % 64 * 3 + i / 128 % 50);
    }
    ImageSource image = ImageSource.of(ArrayImgs.unsignedBytes(pixels, 128, 128));
    try (SamModel model = model(true)) {
      model.save(file);
      SamModel resized = model.resized(128);
      assertEquals(model.fingerprint(), resized.fingerprint());
      try (SamWeights weights = SamWeights.open(file);
          SamModel other =
              SamModel.of(SamWeights.of(weights.tensors(), config(128), weights.metadata()))) {
        assertArrayEquals(foreground(other, image), foreground(resized, image));
      }
    }
  }

  private static float[] foreground(SamModel model, ImageSource image) {
    float[] out = new float[128 * 128];
    Cursor<FloatType> cursor =
        Views.flatIterable(
                new MapDecoder(model).maps(new SamPredictor(model).embed(image)).foreground())
            .cursor();
    for (int i = 0; i < out.length; i++) {
      out[i] = cursor.next().get();
    }
    return out;
  }

  @Test
  void aTransformerWithPlacesIsRefused() {
    try (SamModel model = Scenes.tinyModel(true)) {
      assertThrows(IllegalStateException.class, () -> model.resized(128));
    }
  }
}

package io.github.microsam.embedding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.microsam.image.ImageSource;
import io.github.microsam.image.Tiling;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.ImageEmbedding;
import io.github.microsam.prompt.SamPredictor;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.VitConfig;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.imglib2.FinalInterval;
import net.imglib2.img.Img;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedByteType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class TileEmbeddingsTest {
  private static final SamModel MODEL =
      SamModel.random(
          new SamConfig(
              new VitConfig(64, 16, 24, 2, 2, 96, 3, List.of(1), 16),
              new MaskDecoderConfig(3, 2, 8, 32, 3, 16, 16),
              Optional.empty()),
          1);

  private final SamPredictor predictor = new SamPredictor(MODEL);
  private final Img<UnsignedByteType> image = image(90, 70);

  @AfterAll
  static void close() {
    MODEL.close();
  }

  private static Img<UnsignedByteType> image(int width, int height) {
    byte[] pixels = new byte[width * height];
    new Random(1).nextBytes(pixels);
    return ArrayImgs.unsignedBytes(pixels, width, height);
  }

  @Test
  void aTilesEmbeddingIsThatOfItsPartOfTheImage() {
    Tiling tiling = Tiling.square(90, 70, 40, 8);
    TileEmbeddings tiles =
        TileEmbeddings.compute(predictor, rowsOnly(ImageSource.of(image)), tiling);
    for (int t = 0; t < tiling.count(); t++) {
      Tiling.Region r = tiling.outer(t);
      ImageEmbedding expected =
          predictor.embed(
              ImageSource.of(
                  Views.interval(
                      image, FinalInterval.createMinSize(r.x(), r.y(), r.width(), r.height()))));
      assertArrayEquals(expected.features(), tiles.embedding(t).features());
      assertEquals(expected.transform(), tiles.embedding(t).transform());
      assertSame(tiles.embedding(t), tiles.embedding(t), "encoded once");
      assertFalse(tiles.isSkipped(t));
    }
  }

  @Test
  void aWholeImageIsOneTile() {
    ImageEmbedding whole = predictor.embed(ImageSource.of(image));
    TileEmbeddings tiles = TileEmbeddings.of(whole);
    assertEquals(1, tiles.tiling().count());
    assertEquals(new Tiling.Region(0, 0, 90, 70), tiles.tiling().outer(0));
    assertSame(whole, tiles.embedding(0));
  }

  @Test
  void aTilingOfAnotherSizeIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            TileEmbeddings.compute(predictor, ImageSource.of(image), Tiling.square(91, 70, 40, 8)));
  }

  @Test
  void partsOfPartsAreParts() {
    ImageSource source = ImageSource.of(image);
    Tiling.Region outer = new Tiling.Region(10, 20, 50, 40);
    Tiling.Region inner = new Tiling.Region(3, 4, 20, 10);
    for (ImageSource s : List.of(source, rowsOnly(source))) {
      ImageSource part = s.part(outer).part(inner);
      float[] row = new float[20];
      part.readRow(0, 9, row);
      for (int x = 0; x < 20; x++) {
        assertEquals(image.getAt(13 + x, 33).get(), row[x]);
      }
      assertThrows(
          IndexOutOfBoundsException.class, () -> part.part(new Tiling.Region(1, 0, 20, 10)));
    }
  }

  /** An image that does not know how to read parts. */
  private static ImageSource rowsOnly(ImageSource image) {
    return new ImageSource() {
      @Override
      public int width() {
        return image.width();
      }

      @Override
      public int height() {
        return image.height();
      }

      @Override
      public int channels() {
        return image.channels();
      }

      @Override
      public void readRow(int channel, int y, float[] row) {
        image.readRow(channel, y, row);
      }
    };
  }
}

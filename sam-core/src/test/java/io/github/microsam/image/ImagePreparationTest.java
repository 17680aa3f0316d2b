package io.github.microsam.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.microsam.golden.Fill;
import io.github.microsam.golden.Golden;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.view.Views;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ImagePreparationTest {
  private static final ImageSource IMAGE =
      ImageSource.of(
          Views.moveAxis(ArrayImgs.unsignedBytes(Fill.image(180, 240), 3, 240, 180), 0, 2));

  @Test
  void eightBitImagesAreResizedAsByTheReference() {
    byte[] planar = EightBitImage.of(IMAGE).resize(256, 192).pixels();
    int[] interleaved = new int[planar.length];
    for (int i = 0; i < planar.length; i++) {
      interleaved[i] = planar[i % 3 * 256 * 192 + i / 3] & 0xff;
    }
    assertArrayEquals(Golden.open("small_encoder").array("image_resized").ints(), interleaved);
  }

  @Test
  void theInputOfTheModelIsTheReferences() {
    PreparedImage prepared = ImagePreparation.eightBit(256).prepare(IMAGE);
    Golden.open("small_encoder")
        .assertMatches("input", new long[] {1, 3, 256, 256}, prepared.pixels());
    assertEquals(new CoordinateTransform(240, 180, 256, 192), prepared.transform());
  }

  @Test
  void minMaxPreparesTheStretchedImage() {
    PreparedImage whole = ImagePreparation.minMax(128).prepare(IMAGE);
    PreparedImage steps = ImagePreparation.eightBit(128).prepare(EightBitImage.minMax(IMAGE));
    assertArrayEquals(steps.pixels(), whole.pixels());
  }

  @Test
  void oneAndTwoChannelsAreFilledUpToThree() {
    for (int channels : new int[] {1, 2}) {
      EightBitImage image =
          new EightBitImage(
              20,
              15,
              channels,
              Arrays.copyOf(EightBitImage.of(IMAGE).pixels(), 20 * 15 * channels));
      assertArrayEquals(
          ImagePreparation.eightBit(64).prepare(image.rgb()).pixels(),
          ImagePreparation.eightBit(64).prepare(image).pixels());
    }
  }

  @Test
  void ofMoreChannelsTheFirstThreeAreUsed() {
    float[] five = Fill.uniform("five channels", 9 * 8 * 5);
    assertArrayEquals(
        ImagePreparation.minMax(32)
            .prepare(ImageSource.of(ArrayImgs.floats(Arrays.copyOf(five, 216), 9, 8, 3)))
            .pixels(),
        ImagePreparation.minMax(32)
            .prepare(ImageSource.of(ArrayImgs.floats(five, 9, 8, 5)))
            .pixels());
  }

  @Test
  void onePixelIsAnImage() {
    PreparedImage prepared =
        ImagePreparation.minMax(16)
            .prepare(ImageSource.of(ArrayImgs.floats(new float[] {5}, 1, 1)));
    assertEquals(new CoordinateTransform(1, 1, 16, 16), prepared.transform());
    assertEquals((0 - 123.675f) / 58.395f, prepared.pixels()[0]);
  }

  @Test
  void aLineKeepsAtLeastOnePixel() {
    ImageSource line = ImageSource.of(ArrayImgs.unsignedBytes(1, 4000));
    assertEquals(
        new CoordinateTransform(1, 4000, 1, 256),
        ImagePreparation.minMax(256).prepare(line).transform());
  }

  @Test
  void aLargeImageIsStreamed() {
    assertStreamed(40_000, 1_000);
  }

  @Test
  @Tag("long")
  void anImageLargerThanAnArrayIsStreamed() {
    assertStreamed(40_000, 40_000);
  }

  /** Every row is asked for about twice; the rows are made up, so nothing holds the image. */
  private static void assertStreamed(int width, int height) {
    AtomicInteger rows = new AtomicInteger();
    ImageSource huge =
        new ImageSource() {
          @Override
          public int width() {
            return width;
          }

          @Override
          public int height() {
            return height;
          }

          @Override
          public int channels() {
            return 1;
          }

          @Override
          public void readRow(int channel, int y, float[] row) {
            rows.incrementAndGet();
            row[0] = y;
          }
        };
    PreparedImage prepared = ImagePreparation.minMax(64).prepare(huge);
    CoordinateTransform transform = CoordinateTransform.longestSide(width, height, 64);
    assertEquals(transform, prepared.transform());
    // And once more where the triangles of neighbouring bands of rows overlap.
    assertEquals(2 * height, rows.get(), height / 4.0);
  }

  @Test
  void trainingTakesFractionsFrom0To255Only() {
    ImagePreparation training = new ImagePreparation(16, ImagePreparation.Values.FLOAT);
    ImageSource good = ImageSource.of(ArrayImgs.floats(new float[] {0, 0.5f, 254.5f, 255}, 2, 2));
    float[] resized = AntialiasedBilinear.FLOAT.resize(good, 16, 16);
    assertEquals((resized[5] - 123.675f) / 58.395f, training.prepare(good).pixels()[5]);
    ImageSource bad = ImageSource.of(ArrayImgs.floats(new float[] {0, 255.5f}, 2, 1));
    assertThrows(ImageException.class, () -> training.prepare(bad));
  }

  @Test
  void atNativeResolutionSmallImagesArePaddedAndLargeOnesReduced() {
    ImagePreparation small = ImagePreparation.eightBit(512).atNativeResolution();
    PreparedImage prepared = small.prepare(IMAGE);
    int width = IMAGE.width();
    int height = IMAGE.height();
    assertEquals(new CoordinateTransform(width, height, width, height), prepared.transform());
    float[] alone = ImagePreparation.eightBit(Math.max(width, height)).prepare(IMAGE).pixels();
    int side = Math.max(width, height);
    for (int y = 0; y < 512; y++) {
      for (int x = 0; x < 512; x++) {
        float expected = x < side && y < side ? alone[y * side + x] : 0;
        assertEquals(expected, prepared.pixels()[y * 512 + x], 0, "at " + x + ", " + y);
      }
    }
    assertEquals(
        CoordinateTransform.longestSide(width, height, 64),
        ImagePreparation.eightBit(64).atNativeResolution().prepare(IMAGE).transform());
  }
}

package io.github.microsam.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.golden.Fill;
import io.github.microsam.golden.Golden;
import io.github.microsam.golden.NpyArray;
import java.awt.image.BufferedImage;
import java.util.function.Consumer;
import net.imglib2.FinalInterval;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.NativeType;
import net.imglib2.type.numeric.RealType;
import net.imglib2.type.numeric.integer.UnsignedByteType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.Test;

class EightBitImageTest {
  private static final int H = 40;
  private static final int W = 56;
  private final Golden golden = Golden.open("normalize");
  private final byte[] rgb = Fill.image(H, W);

  @Test
  void minMaxIsMicroSamsToImageForEightBitGrey() {
    assertIs("to_image_gray_u8", ImageSource.of(ArrayImgs.unsignedBytes(grey(), W, H)));
  }

  @Test
  void minMaxIsMicroSamsToImageForColours() {
    assertIs("to_image_rgb_u8", ImageSource.of(channelsLast(rgb, 3)));
  }

  @Test
  void minMaxIsMicroSamsToImageForSixteenBits() {
    int[] values = golden.array("gray_u16_as_i32").ints();
    short[] shorts = new short[values.length];
    for (int i = 0; i < values.length; i++) {
      shorts[i] = (short) values[i];
    }
    assertIs("to_image_u16", ImageSource.of(ArrayImgs.unsignedShorts(shorts, W, H)));
  }

  @Test
  void twoChannelsGetAThirdOfZeros() {
    ImageSource two = ImageSource.of(Views.interval(channelsLast(rgb, 3), twoChannels()));
    assertIs("to_image_2ch", two);
  }

  @Test
  void everyRealTypeGivesTheSameBytes() {
    byte[] expected = EightBitImage.minMax(greyOf(ArrayImgs.unsignedBytes(W, H))).pixels();
    for (ImageSource same :
        new ImageSource[] {
          greyOf(ArrayImgs.unsignedShorts(W, H)),
          greyOf(ArrayImgs.shorts(W, H)),
          greyOf(ArrayImgs.ints(W, H)),
          greyOf(ArrayImgs.unsignedInts(W, H)),
          greyOf(ArrayImgs.longs(W, H)),
          greyOf(ArrayImgs.floats(W, H)),
          greyOf(ArrayImgs.doubles(W, H))
        }) {
      assertArrayEquals(expected, EightBitImage.minMax(same).pixels());
    }
  }

  @Test
  void packedColoursAndAwtImagesGiveTheirChannels() {
    byte[] expected = EightBitImage.of(ImageSource.of(channelsLast(rgb, 3))).pixels();
    int[] packed = new int[W * H];
    for (int i = 0; i < packed.length; i++) {
      packed[i] =
          0x80000000
              | (rgb[3 * i] & 0xff) << 16
              | (rgb[3 * i + 1] & 0xff) << 8
              | (rgb[3 * i + 2] & 0xff);
    }
    assertArrayEquals(
        expected, EightBitImage.of(ImageSource.ofArgb(ArrayImgs.argbs(packed, W, H))).pixels());
    for (int type :
        new int[] {
          BufferedImage.TYPE_INT_RGB,
          BufferedImage.TYPE_3BYTE_BGR,
          BufferedImage.TYPE_4BYTE_ABGR,
          BufferedImage.TYPE_INT_ARGB
        }) {
      BufferedImage image = new BufferedImage(W, H, type);
      for (int i = 0; i < packed.length; i++) {
        image.setRGB(i % W, i / W, 0xff000000 | packed[i]);
      }
      assertArrayEquals(expected, EightBitImage.of(ImageSource.of(image)).pixels());
    }
  }

  @Test
  void greyAwtImagesGiveTheirStoredValues() {
    BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_USHORT_GRAY);
    image.getRaster().setSamples(0, 0, 3, 1, 0, new int[] {0, 300, 65535});
    float[] row = new float[3];
    ImageSource.of(image).readRow(0, 0, row);
    assertArrayEquals(new float[] {0, 300, 65535}, row);
    assertEquals(1, ImageSource.of(image).channels());
  }

  @Test
  void rangesBelowTwoEndAt254AsInNumPy() {
    for (double range : new double[] {0.5, 1.0, 1.5, 1.9, 2.0, 3, 255, 65535}) {
      EightBitImage image =
          EightBitImage.minMax(
              ImageSource.of(ArrayImgs.doubles(new double[] {0, range / 3, range}, 3, 1)));
      assertEquals(range < 2 ? 254 : 255, image.pixels()[2] & 0xff, "range " + range);
    }
  }

  @Test
  void constantImagesBecomeZero() {
    byte[] pixels =
        EightBitImage.minMax(ImageSource.of(ArrayImgs.floats(new float[] {7, 7}, 2, 1))).pixels();
    assertArrayEquals(new byte[2], pixels);
  }

  @Test
  void notANumberAndInfinityAreRefusedWithTheirPosition() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      float[] values = new float[30 * 20];
      values[17 * 30 + 4] = bad;
      ImageSource image = ImageSource.of(ArrayImgs.floats(values, 30, 20));
      ImageException e = assertThrows(ImageException.class, () -> EightBitImage.minMax(image));
      assertTrue(e.getMessage().contains(bad + " at x 4, y 17, channel 0"), e.getMessage());
    }
  }

  @Test
  void valuesThatNoByteHoldsAreRefusedWithTheirPosition() {
    for (double bad : new double[] {256, -1, 0.5, Double.NaN}) {
      ImageSource image = ImageSource.of(ArrayImgs.doubles(new double[] {1, 2, bad, 3}, 2, 2));
      ImageException e = assertThrows(ImageException.class, () -> EightBitImage.of(image));
      assertTrue(e.getMessage().contains("at x 0, y 1, channel 0"), e.getMessage());
    }
  }

  @Test
  void imagesWithoutPixelsOrWithOtherAxesAreRefused() {
    Consumer<RandomAccessibleInterval<UnsignedByteType>> refused =
        image -> assertThrows(ImageException.class, () -> ImageSource.of(image));
    refused.accept(Views.interval(ArrayImgs.unsignedBytes(5, 5), new FinalInterval(0, 5)));
    refused.accept(Views.interval(ArrayImgs.unsignedBytes(5, 5, 5), new FinalInterval(5, 5, 0)));
    refused.accept(ArrayImgs.unsignedBytes(5));
    refused.accept(ArrayImgs.unsignedBytes(5, 5, 5, 5));
  }

  @Test
  void anIntervalWithAnotherMinimumIsReadFromItsMinimum() {
    RandomAccessibleInterval<UnsignedByteType> all = channelsLast(rgb, 3);
    RandomAccessibleInterval<UnsignedByteType> part =
        Views.interval(all, new long[] {10, 7, 1}, new long[] {29, 18, 2});
    assertArrayEquals(
        EightBitImage.of(ImageSource.of(Views.zeroMin(part))).pixels(),
        EightBitImage.of(ImageSource.of(part)).pixels());
    assertArrayEquals(
        EightBitImage.of(ImageSource.of(Views.zeroMin(part))).pixels(),
        EightBitImage.of(ImageSource.of(Views.translate(part, -100, 3, 5))).pixels());
  }

  private void assertIs(String name, ImageSource image) {
    EightBitImage converted = EightBitImage.minMax(image).rgb();
    int[] expected = golden.array(name).ints();
    int[] actual = new int[expected.length];
    for (int i = 0; i < actual.length; i++) {
      actual[i] = converted.pixels()[i % 3 * W * H + i / 3] & 0xff;
    }
    assertArrayEquals(expected, actual);
  }

  private byte[] grey() {
    NpyArray grey = golden.array("gray_u8");
    byte[] bytes = new byte[W * H];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) grey.values()[i];
    }
    return bytes;
  }

  private <T extends RealType<T> & NativeType<T>> ImageSource greyOf(
      RandomAccessibleInterval<T> empty) {
    byte[] grey = grey();
    int i = 0;
    for (T pixel : Views.flatIterable(empty)) {
      pixel.setReal(grey[i++] & 0xff);
    }
    return ImageSource.of(empty);
  }

  private static FinalInterval twoChannels() {
    return new FinalInterval(W, H, 2);
  }

  /** Interleaved bytes as an image (x, y, channel). */
  private static RandomAccessibleInterval<UnsignedByteType> channelsLast(byte[] pixels, int n) {
    return Views.moveAxis(ArrayImgs.unsignedBytes(pixels, n, W, H), 0, 2);
  }
}

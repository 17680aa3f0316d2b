package io.github.microsam.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.IJ;
import ij.ImagePlus;
import ij.io.FileSaver;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.ShortProcessor;
import io.github.microsam.image.ImageException;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.FileImageOutputStream;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.RealType;
import net.imglib2.type.numeric.integer.UnsignedByteType;
import net.imglib2.type.numeric.integer.UnsignedShortType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFileTest {
  @TempDir Path folder;

  @Test
  void imageJsTiffKeepsItsTypeAndValues() {
    short[] shorts = {0, 1, (short) 65535, 300, 7, 8};
    var grey = saved(new ImagePlus("", new ShortProcessor(3, 2, shorts, null))).plane();
    assertInstanceOf(UnsignedShortType.class, grey.getType());
    assertArrayEquals(new double[] {0, 1, 65535, 300, 7, 8}, values(grey));

    float[] floats = {-1.5f, 0, 1e30f, 3, 4, 5};
    var real = saved(new ImagePlus("", new FloatProcessor(3, 2, floats))).plane();
    assertInstanceOf(FloatType.class, real.getType());
    assertArrayEquals(new double[] {-1.5, 0, 1e30f, 3, 4, 5}, values(real));

    int[] rgb = {0x010203, 0xffffff};
    var colours = saved(new ImagePlus("", new ColorProcessor(2, 1, rgb))).plane();
    assertInstanceOf(UnsignedByteType.class, colours.getType());
    assertArrayEquals(new long[] {2, 1, 3}, colours.dimensionsAsLongArray());
    assertArrayEquals(new double[] {1, 255, 2, 255, 3, 255}, values(colours));
  }

  @Test
  void imageJsHyperstacksHaveChannelsSlicesAndFrames() {
    ImagePlus stack = IJ.createHyperStack("", 4, 3, 2, 5, 3, 16);
    for (int i = 1; i <= 30; i++) {
      ImageProcessor plane = stack.getStack().getProcessor(i);
      plane.setValue(i);
      plane.fill();
    }
    ImageFile file = saved(stack);
    assertEquals(new ImageFile(file.path(), 4, 3, 2, 5, 3), file);
    var plane = file.plane(4, 2);
    assertArrayEquals(new long[] {4, 3, 2}, plane.dimensionsAsLongArray());
    assertEquals(stack.getStackIndex(1, 5, 3), values(plane)[0]);
    assertEquals(stack.getStackIndex(2, 5, 3), values(plane)[23]);
    ImageException e = assertThrows(ImageException.class, file::plane);
    assertTrue(e.getMessage().contains("5 slices and 3 frames"), e.getMessage());
    assertThrows(IndexOutOfBoundsException.class, () -> file.plane(5, 0));
  }

  @Test
  void tiffOfPillowIsRead() throws Exception {
    String written =
        Pillow.run(
            """
            import sys, numpy as np
            from PIL import Image
            for t in ('uint8', 'uint16', 'int32', 'float32'):
              for c in ('raw', 'packbits', 'tiff_lzw', 'tiff_adobe_deflate', 'tiff_deflate'):
                a = (np.arange(50 * 70).reshape(50, 70) % 251).astype(t)
                p = sys.argv[1] + '/' + t + c + '.tif'
                Image.fromarray(a).save(p, compression=None if c == 'raw' else c)
                print(p)
            """,
            folder);
    for (String path : written.lines().toList()) {
      double[] values = values(ImageFile.open(Path.of(path)).plane());
      assertEquals(3500, values.length, path);
      for (int i = 0; i < values.length; i++) {
        assertEquals(i % 251, values[i], path);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "png, 10, 1",
    "png, 11, 1",
    "png, 5, 3",
    "png, 6, 3",
    "png, 12, 1",
    "png, 13, 3",
    "bmp, 5, 3",
    "tif, 5, 3",
    "tif, 6, 3",
    "tif, 10, 1"
  })
  void awtImagesComeBackAsTheyWere(String suffix, int type, int channels) throws Exception {
    BufferedImage image = new BufferedImage(5, 4, type);
    for (int i = 0; i < 20; i++) {
      image.setRGB(i % 5, i / 5, 0xff000000 | i * 0x0b0d07);
    }
    Path path = folder.resolve("a." + suffix);
    assertTrue(ImageIO.write(image, suffix, path.toFile()));
    ImageFile file = ImageFile.open(path);
    assertEquals(new ImageFile(path, 5, 4, channels, 1, 1), file);
    double[] expected = new double[20 * channels];
    boolean packed =
        type == BufferedImage.TYPE_BYTE_BINARY || type == BufferedImage.TYPE_BYTE_INDEXED;
    for (int i = 0; i < expected.length; i++) {
      int x = i % 5;
      int y = i / 5 % 4;
      int c = i / 20;
      expected[i] =
          packed
              ? image.getRGB(x, y) >> (16 - 8 * c) & 0xff
              : image.getRaster().getSampleDouble(x, y, c);
    }
    assertArrayEquals(expected, values(file.plane()));
  }

  @ParameterizedTest
  @CsvSource({"ZLib, true, 0", "LZW, true, 0", "JPEG, false, 6", "PackBits, false, 0"})
  void tiledAndCompressedTiffIsRead(String compression, boolean tiled, int tolerance)
      throws Exception {
    BufferedImage image = new BufferedImage(100, 70, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 7000; i++) {
      image.getRaster().setSample(i % 100, i / 100, 0, i % 100 + i / 100);
    }
    Path path = folder.resolve("tiled.tif");
    ImageWriter writer = ImageIO.getImageWritersByFormatName("tiff").next();
    ImageWriteParam param = writer.getDefaultWriteParam();
    param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    param.setCompressionType(compression);
    if (tiled) {
      param.setTilingMode(ImageWriteParam.MODE_EXPLICIT);
      param.setTiling(32, 16, 0, 0);
    }
    try (FileImageOutputStream out = new FileImageOutputStream(path.toFile())) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), param);
    }
    double[] values = values(ImageFile.open(path).plane());
    for (int i = 0; i < 7000; i++) {
      assertEquals(i % 100 + i / 100, values[i], tolerance);
    }
  }

  @Test
  void jpegIsReadAsColours() throws Exception {
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 256; i++) {
      image.setRGB(i % 16, i / 16, 0x804020);
    }
    Path path = folder.resolve("a.jpg");
    ImageIO.write(image, "jpg", path.toFile());
    double[] values = values(ImageFile.open(path).plane());
    assertEquals(0x80, values[0], 3);
    assertEquals(0x40, values[256], 3);
    assertEquals(0x20, values[512], 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tif", "png", "bmp"})
  void aFileThatEndsTooEarlyIsTold(String suffix) throws Exception {
    Path path = folder.resolve("cut." + suffix);
    BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_3BYTE_BGR);
    for (int i = 0; i < 4096; i++) {
      image.setRGB(i % 64, i / 64, i * 77773);
    }
    ImageIO.write(image, suffix, path.toFile());
    byte[] whole = Files.readAllBytes(path);
    for (int length : new int[] {0, 1, 7, 30, whole.length / 2, whole.length - 200}) {
      Files.write(path, Arrays.copyOf(whole, length));
      ImageException e =
          assertThrows(
              ImageException.class, () -> ImageFile.open(path).plane(), suffix + " of " + length);
      assertTrue(e.getMessage().contains("cut." + suffix), e.getMessage());
    }
  }

  @Test
  void noiseInAFileIsToldOrReadButNeverAnotherError() throws Exception {
    Path path = folder.resolve("noise.tif");
    LabelFile.write(path, ArrayImgs.unsignedInts(40, 30));
    byte[] whole = Files.readAllBytes(path);
    for (int i = 0; i < whole.length; i++) {
      byte[] noisy = whole.clone();
      noisy[i] ^= (byte) 0xff;
      Files.write(path, noisy);
      try {
        ImageFile.open(path).plane();
      } catch (ImageException e) {
        assertTrue(e.getMessage().contains("noise.tif"), e.getMessage());
      }
    }
  }

  @Test
  void whatIsNoImageIsTold() throws Exception {
    Path text = Files.writeString(folder.resolve("text.tif"), "not an image at all");
    for (Path path : new Path[] {text, folder, folder.resolve("missing.png")}) {
      ImageException e = assertThrows(ImageException.class, () -> ImageFile.open(path));
      assertTrue(e.getMessage().contains(path.toString()), e.getMessage());
    }
  }

  private ImageFile saved(ImagePlus image) {
    Path path = folder.resolve("imagej.tif");
    FileSaver saver = new FileSaver(image);
    assertTrue(
        image.getStackSize() > 1
            ? saver.saveAsTiffStack(path.toString())
            : saver.saveAsTiff(path.toString()));
    return ImageFile.open(path);
  }

  private static double[] values(RandomAccessibleInterval<? extends RealType<?>> image) {
    double[] values = new double[(int) image.size()];
    int i = 0;
    for (RealType<?> pixel : Views.flatIterable(image)) {
      values[i++] = pixel.getRealDouble();
    }
    return values;
  }
}

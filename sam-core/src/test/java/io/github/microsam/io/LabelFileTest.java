package io.github.microsam.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.io.FileSaver;
import ij.io.Opener;
import ij.process.FloatProcessor;
import io.github.microsam.image.ImageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.imglib2.Cursor;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.IntegerType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelFileTest {
  private static final int W = 37;
  private static final int H = 23;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"a.tif, 200", "b.tiff, 65535", "c.tif, 65536", "d.tif, 4294967295", "e.png, 65535"})
  void labelsComeBackAsTheyWere(String name, long largest) {
    RandomAccessibleInterval<UnsignedIntType> labels = labels(largest, W, H);
    Path path = folder.resolve("new folder").resolve(name);
    LabelFile.write(path, labels);
    assertSame(labels, LabelFile.read(path));
  }

  @Test
  void stacksComeBackAsTheyWere() {
    RandomAccessibleInterval<UnsignedIntType> labels = labels(70_000, W, H, 5);
    Path path = folder.resolve("stack.tif");
    LabelFile.write(path, labels);
    assertEquals(new ImageFile(path, W, H, 1, 5, 1), ImageFile.open(path));
    assertSame(labels, LabelFile.read(path));
  }

  @Test
  void imageJOpensWhatIsWritten() {
    for (long largest : new long[] {65535, 70_000}) {
      RandomAccessibleInterval<UnsignedIntType> labels = labels(largest, W, H, 3);
      Path path = folder.resolve(largest + ".tif");
      LabelFile.write(path, labels);
      ImagePlus opened = new Opener().openImage(path.toString());
      assertEquals(largest > 65535 ? 32 : 16, opened.getBitDepth());
      assertArrayEquals(new int[] {W, H, 1, 3, 1}, opened.getDimensions());
      Cursor<UnsignedIntType> label = labels.localizingCursor();
      while (label.hasNext()) {
        label.fwd();
        opened.setSlice(label.getIntPosition(2) + 1);
        assertEquals(
            label.get().get(),
            (long) opened.getProcessor().getf(label.getIntPosition(0), label.getIntPosition(1)));
      }
    }
  }

  @Test
  void pillowOpensWhatIsWritten() throws Exception {
    StringBuilder expected = new StringBuilder();
    for (String name : new String[] {"65535.tif", "70000.tif", "65535.png"}) {
      long largest = Long.parseLong(name.replaceAll("\\D", ""));
      RandomAccessibleInterval<UnsignedIntType> labels = labels(largest, W, H);
      LabelFile.write(folder.resolve(name), labels);
      long sum = 0;
      long i = 0;
      for (UnsignedIntType label : Views.flatIterable(labels)) {
        sum += label.get() * ++i;
      }
      expected.append(name).append(" (%d, %d) %d\n".formatted(H, W, sum));
    }
    String script =
        """
        import sys, numpy as np
        from PIL import Image
        for n in ('65535.tif', '70000.tif', '65535.png'):
          a = np.array(Image.open(sys.argv[1] + '/' + n))
          print(n, a.shape, (a.astype('int64').ravel() * (np.arange(a.size) + 1)).sum())
        """;
    assertEquals(
        expected.toString().strip().lines().toList(), Pillow.run(script, folder).lines().toList());
  }

  @Test
  void floatsOfFijiAreLabelsIfTheyAreWholeNumbers() {
    float[] values = {0, 1, 2, 70_000, 5, 0};
    Path path = folder.resolve("float.tif");
    new FileSaver(new ImagePlus("", new FloatProcessor(3, 2, values))).saveAsTiff(path.toString());
    int i = 0;
    for (UnsignedIntType label : Views.flatIterable(LabelFile.read(path))) {
      assertEquals((long) values[i++], label.get());
    }
    values[4] = 0.5f;
    new FileSaver(new ImagePlus("", new FloatProcessor(3, 2, values))).saveAsTiff(path.toString());
    ImageException e = assertThrows(ImageException.class, () -> LabelFile.read(path));
    assertTrue(e.getMessage().contains("0.5 at x 1, y 1"), e.getMessage());
  }

  @Test
  void whatDoesNotFitIsRefusedAndNothingIsWritten() throws Exception {
    refused("a.png", labels(65536, W, H));
    refused("a.png", labels(3, W, H, 2));
    refused("a.jpg", labels(3, W, H));
    refused("a.tif", ArrayImgs.ints(new int[] {1, -1}, 2, 1));
    refused("a.tif", ArrayImgs.longs(new long[] {1, 1L << 32}, 2, 1));
    try (var left = Files.list(folder)) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void anExistingFileIsReplacedAndNothingElseIsLeft() throws Exception {
    Path path = folder.resolve("a.tif");
    LabelFile.write(path, labels(9, W, H));
    LabelFile.write(path, labels(3, 5, 6));
    assertSame(labels(3, 5, 6), LabelFile.read(path));
    try (var left = Files.list(folder)) {
      assertEquals(List.of(path), left.toList());
    }
  }

  private void refused(String name, RandomAccessibleInterval<? extends IntegerType<?>> labels) {
    assertThrows(ImageException.class, () -> LabelFile.write(folder.resolve(name), labels));
  }

  /** Blocks of labels from 0 to {@code largest}, which occurs. */
  private static RandomAccessibleInterval<UnsignedIntType> labels(long largest, long... size) {
    RandomAccessibleInterval<UnsignedIntType> labels = ArrayImgs.unsignedInts(size);
    long i = 0;
    for (UnsignedIntType label : Views.flatIterable(labels)) {
      label.set(largest - i / 3 * 7919 % (largest + 1));
      i++;
    }
    return labels;
  }

  private static void assertSame(
      RandomAccessibleInterval<UnsignedIntType> expected,
      RandomAccessibleInterval<UnsignedIntType> actual) {
    assertArrayEquals(expected.dimensionsAsLongArray(), actual.dimensionsAsLongArray());
    Cursor<UnsignedIntType> e = Views.flatIterable(expected).cursor();
    for (UnsignedIntType a : Views.flatIterable(actual)) {
      assertEquals(e.next().get(), a.get());
    }
  }
}

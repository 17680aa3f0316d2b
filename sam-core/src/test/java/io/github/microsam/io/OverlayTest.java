package io.github.microsam.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.image.ImageException;
import io.github.microsam.image.ImageSource;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import javax.imageio.ImageIO;
import net.imglib2.img.Img;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OverlayTest {
  private static final int GREY = 0x646464;

  @TempDir Path folder;

  private final Img<UnsignedIntType> labels = ArrayImgs.unsignedInts(20, 10);
  private final ImageSource grey = colours();

  @Test
  void outlinesLieInsideTheObjectsAndTheRestIsTheImage() {
    square(1, 2, 2, 9, 8);
    square(2, 9, 2, 16, 8);
    BufferedImage picture = new Overlay(1, 0).draw(grey, labels);
    assertEquals(GREY, at(picture, 1, 5));
    assertEquals(LabelColours.of(1), at(picture, 2, 5));
    assertEquals(GREY, at(picture, 3, 5));
    assertEquals(LabelColours.of(1), at(picture, 8, 5));
    assertEquals(LabelColours.of(2), at(picture, 9, 5));
    assertEquals(GREY, at(picture, 12, 5));
  }

  @Test
  void theBorderOfTheImageIsNoOutlineAndTheFillIsLight() {
    square(3, 0, 0, 10, 10);
    BufferedImage picture = new Overlay(2, 0.5).draw(grey, labels);
    assertEquals(LabelColours.of(3), at(picture, 8, 0));
    int inside = at(picture, 0, 0);
    assertNotEquals(GREY, inside);
    assertNotEquals(LabelColours.of(3), inside);
  }

  @Test
  void onABrightImageColoursAreDark() {
    square(2, 2, 2, 9, 8);
    ImageSource bright = filled(240);
    int outline = at(new Overlay(1, 0).draw(bright, labels), 2, 5);
    assertEquals(LabelColours.onBright(2), outline);
    for (int label = 1; label <= 100; label++) {
      double luminance = LabelColours.luminance(LabelColours.onBright(label));
      assertTrue(luminance <= 121, "label " + label + ": " + luminance);
    }
  }

  @Test
  void theFirstThousandColoursAreNearlyAllDistinct() {
    Set<Integer> colours = new HashSet<>();
    for (int label = 1; label <= 1000; label++) {
      colours.add(LabelColours.of(label));
    }
    assertTrue(colours.size() > 900, "only " + colours.size());
  }

  @Test
  void greyIsStretchedForTheScreen() {
    float[] values = new float[200];
    for (int i = 0; i < 200; i++) {
      values[i] = 1000 + i;
    }
    BufferedImage picture =
        new Overlay(1, 0).draw(ImageSource.of(ArrayImgs.floats(values, 20, 10)), labels);
    assertEquals(0, at(picture, 0, 0));
    assertEquals(0xffffff, at(picture, 19, 9));
  }

  @Test
  void theFileIsThePicture() throws Exception {
    square(7, 3, 3, 8, 8);
    Path path = folder.resolve("overlay.png");
    Overlay overlay = Overlay.defaults(20, 10);
    overlay.write(path, grey, labels);
    BufferedImage expected = overlay.draw(grey, labels);
    BufferedImage read = ImageIO.read(path.toFile());
    for (int i = 0; i < 200; i++) {
      assertEquals(at(expected, i % 20, i / 20), at(read, i % 20, i / 20));
    }
  }

  @Test
  void labelsOfAnotherSizeAreRefused() {
    assertThrows(
        ImageException.class, () -> new Overlay(1, 0).draw(grey, ArrayImgs.unsignedInts(10, 20)));
  }

  private void square(int label, int x0, int y0, int x1, int y1) {
    for (int y = y0; y < y1; y++) {
      for (int x = x0; x < x1; x++) {
        labels.getAt(x, y).set(label);
      }
    }
  }

  private static int at(BufferedImage picture, int x, int y) {
    return picture.getRGB(x, y) & 0xffffff;
  }

  private static ImageSource colours() {
    return filled(100);
  }

  private static ImageSource filled(int value) {
    byte[] pixels = new byte[600];
    Arrays.fill(pixels, (byte) value);
    return ImageSource.of(ArrayImgs.unsignedBytes(pixels, 20, 10, 3));
  }
}

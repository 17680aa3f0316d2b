package io.github.microsam.prompt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.prompt.MaskPromptOptions.Points;
import java.util.List;
import java.util.Random;
import java.util.function.BiPredicate;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.logic.NativeBoolType;
import org.junit.jupiter.api.Test;

/** Prompts that are derived from a mask. */
class MaskPromptTest {
  private static final MaskPromptOptions BOX = MaskPromptOptions.defaults().withLogits(false);
  private static final MaskPromptOptions POINTS =
      BOX.withPoints(Points.MAXIMA).withBox(false).withBoxExtension(6);

  @Test
  void theBoxIsHalfOpenAndExtendsByPixelsOrAFractionWithinTheImage() {
    RandomAccessibleInterval<NativeBoolType> mask =
        mask(60, 50, (x, y) -> x >= 10 && x < 30 && y >= 20 && y < 25);
    assertEquals(Prompt.box(10, 20, 30, 25), Prompt.fromMask(mask, BOX));
    assertEquals(Prompt.box(6, 16, 34, 29), Prompt.fromMask(mask, BOX.withBoxExtension(4)));
    assertEquals(Prompt.box(0, 0, 50, 45), Prompt.fromMask(mask, BOX.withBoxExtension(20)));
    // 0.1 of 20 and of 5 pixels; 19.5 and 25.5 are rounded to even numbers.
    assertEquals(Prompt.box(8, 20, 32, 26), Prompt.fromMask(mask, BOX.withBoxExtension(0.1)));
  }

  @Test
  void theCentreIsThePixelFarthestFromTheBoundary() {
    RandomAccessibleInterval<NativeBoolType> disc =
        mask(80, 60, (x, y) -> (x - 30) * (x - 30) + (y - 25) * (y - 25) <= 144);
    MaskPromptOptions center = BOX.withPoints(Points.CENTER).withBox(false);
    assertEquals(Prompt.point(30, 25), Prompt.fromMask(disc, center.withBoxExtension(3)));
  }

  @Test
  void maximaLieInsideTheObjectAndOutsideOfItAndApart() {
    BiPredicate<Integer, Integer> dumbbell =
        (x, y) ->
            (x - 20) * (x - 20) + (y - 20) * (y - 20) <= 81
                || (x - 50) * (x - 50) + (y - 24) * (y - 24) <= 144
                || (x > 20 && x < 50 && Math.abs(y - 22) < 2);
    Prompt prompt = Prompt.fromMask(mask(90, 60, dumbbell), POINTS);
    assertTrue(prompt.points().contains(new Prompt.Point(50, 24, true)), prompt::toString);
    assertTrue(prompt.points().contains(new Prompt.Point(20, 20, true)), prompt::toString);
    assertTrue(prompt.points().stream().anyMatch(p -> !p.positive()), prompt::toString);
    for (Prompt.Point p : prompt.points()) {
      assertEquals(dumbbell.test((int) p.x(), (int) p.y()), p.positive(), p::toString);
    }
  }

  @Test
  void anObjectThatFillsItsBoxHasItsCentre() {
    MaskPromptOptions center = BOX.withPoints(Points.CENTER).withBox(false);
    RandomAccessibleInterval<NativeBoolType> square =
        mask(40, 40, (x, y) -> x >= 10 && x < 21 && y >= 5 && y < 16);
    assertEquals(Prompt.point(15, 10), Prompt.fromMask(square, center));
    RandomAccessibleInterval<NativeBoolType> everything = mask(9, 9, (x, y) -> true);
    assertEquals(Prompt.point(4, 4), Prompt.fromMask(everything, center));
    assertFalse(Prompt.fromMask(everything, center.withPoints(Points.MAXIMA)).points().isEmpty());
  }

  @Test
  void localMaximaAreThoseOfAPlainSearch() {
    Random random = new Random(9);
    for (int round = 0; round < 50; round++) {
      int width = 1 + random.nextInt(25);
      int height = 1 + random.nextInt(25);
      float[] image = new float[width * height];
      for (int i = 0; i < image.length; i++) {
        image[i] = random.nextInt(6);
      }
      int spacing = 1 + random.nextInt(5);
      List<Integer> peaks = LocalMaxima.find(image, width, spacing);
      for (int p : peaks) {
        for (int i = 0; i < image.length; i++) {
          int distance = Math.max(Math.abs(i % width - p % width), Math.abs(i / width - p / width));
          assertTrue(distance > spacing || image[i] <= image[p]);
          assertTrue(i == p || distance >= spacing || !peaks.contains(i));
        }
      }
      for (int k = 1; k < peaks.size(); k++) {
        assertTrue(image[peaks.get(k - 1)] >= image[peaks.get(k)]);
      }
    }
    assertEquals(List.of(), LocalMaxima.find(new float[] {2, 2, 2, 2}, 2, 3));
  }

  @Test
  void logitsOfAMaskAreCertainAndPaddedWithBackground() {
    // Twice as large as the logits: pairs of pixels are equal, so that each half is certain.
    RandomAccessibleInterval<NativeBoolType> mask =
        mask(32, 16, (x, y) -> x >= 8 && x < 20 && y >= 4 && y < 16);
    MaskLogits logits = MaskLogits.of(mask, 16);
    float[] expected = new float[16 * 16];
    for (int i = 0; i < expected.length; i++) {
      int x = i % 16;
      int y = i / 16;
      boolean inside = x >= 4 && x < 10 && y >= 2 && y < 8;
      expected[i] = inside ? MaskLogits.CERTAIN : -MaskLogits.CERTAIN;
    }
    assertArrayEquals(expected, logits.values());
    assertEquals(Math.log(0.999 / 0.001), MaskLogits.CERTAIN, 1e-6);
  }

  @Test
  void aMaskWithoutAnObjectIsRefused() {
    PromptException e =
        assertThrows(
            PromptException.class, () -> Prompt.fromMask(mask(7, 5, (x, y) -> false), BOX));
    assertTrue(e.getMessage().contains("7 x 5"), e.getMessage());
  }

  private static RandomAccessibleInterval<NativeBoolType> mask(
      int width, int height, BiPredicate<Integer, Integer> inside) {
    boolean[] pixels = new boolean[width * height];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = inside.test(i % width, i / width);
    }
    return ArrayImgs.booleans(pixels, width, height);
  }
}

package io.github.microsam.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.microsam.golden.Fill;
import io.github.microsam.golden.Golden;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaskUpscalingTest {
  private static final MaskUpscaling SMALL =
      new MaskUpscaling(64, 256, CoordinateTransform.longestSide(240, 180, 256));

  @ParameterizedTest
  @ValueSource(strings = {"p1__multi", "box_p2__single"})
  void logitsAreThoseOfPostprocessMasks(String name) {
    Golden golden = Golden.open("small_prompts");
    float[] logits = SMALL.logits(golden.array(name + "__lowres").floats());
    golden.assertMatches(name + "__masks", golden.array(name + "__masks").shape(), logits);
  }

  @Test
  void aLargeTallImageGetsItsLogits() {
    Golden golden = Golden.open("small_prompts");
    MaskUpscaling tall = new MaskUpscaling(64, 256, CoordinateTransform.longestSide(500, 600, 256));
    float[] logits = tall.logits(golden.array("p1__multi__lowres").floats());
    float[] everyFifth = new float[3 * 120 * 100];
    for (int i = 0; i < everyFifth.length; i++) {
      int y = i / 100 % 120 * 5;
      int x = i % 100 * 5;
      everyFifth[i] = logits[(i / 12000 * 600 + y) * 500 + x];
    }
    golden.assertMatches("p1__multi__masks_600x500_s5", new long[] {1, 3, 120, 100}, everyFifth);
  }

  @ParameterizedTest
  @ValueSource(strings = {"p1_multi", "p2_single", "box_single", "box_p2_multi"})
  void thePredictorsMasksAreThoseOfTheReference(String name) {
    Golden golden = Golden.open("small_predictor");
    float[] lowRes = golden.array(name + "__lowres").floats();
    float[] logits = SMALL.logits(lowRes);
    int masks = lowRes.length / (64 * 64);
    float[] everySecond = new float[masks * 90 * 120];
    for (int i = 0; i < everySecond.length; i++) {
      everySecond[i] = logits[(i / 10800 * 180 + i / 120 % 90 * 2) * 240 + i % 120 * 2];
    }
    golden.assertMatches(name + "__logits", new long[] {masks, 90, 120}, everySecond);

    boolean[] binary = SMALL.masks(lowRes, 0);
    int[] packed = new int[binary.length / 8];
    for (int i = 0; i < binary.length; i++) {
      packed[i / 8] |= binary[i] ? 0x80 >> i % 8 : 0;
    }
    assertArrayEquals(golden.array(name + "__mask_packed").ints(), packed);
  }

  @Test
  void rowsGivesTheSameAsTheWhole() {
    float[] lowRes = Fill.uniform("rows", 2 * 64 * 64);
    float[] whole = SMALL.logits(lowRes);
    SMALL.rows(
        lowRes,
        1,
        (y, row) ->
            assertArrayEquals(
                Arrays.copyOfRange(whole, (180 + y) * 240, (181 + y) * 240), row, "row " + y));
  }

  @Test
  void itIsTwoResizesWithACropBetween() {
    CoordinateTransform transform = CoordinateTransform.longestSide(31, 77, 128);
    float[] lowRes = Fill.uniform("steps", 32 * 32);
    float[] input = Bilinear.resize(lowRes, 32, 32, 128, 128);
    float[] cropped = new float[transform.inputWidth() * transform.inputHeight()];
    for (int i = 0; i < cropped.length; i++) {
      cropped[i] = input[i / transform.inputWidth() * 128 + i % transform.inputWidth()];
    }
    float[] expected =
        Bilinear.resize(cropped, transform.inputWidth(), transform.inputHeight(), 31, 77);
    assertArrayEquals(expected, new MaskUpscaling(32, 128, transform).logits(lowRes));
  }

  @Test
  void logitsOfAnotherSizeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> SMALL.logits(new float[65 * 64]));
  }
}

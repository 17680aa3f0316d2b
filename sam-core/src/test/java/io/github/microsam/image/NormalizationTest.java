package io.github.microsam.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.microsam.golden.Golden;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class NormalizationTest {
  private final Golden golden = Golden.open("normalize");
  private final float[] grey = golden.array("gray_u8").floats();

  @Test
  void minMaxIsTorchEmsNormalize() {
    Normalization.minMax(grey, 0, grey.length);
    golden.assertMatches("normalize", new long[] {40, 56}, grey);
  }

  @Test
  void percentileIsTorchEmsNormalizePercentile() {
    Normalization.percentile(grey, 0, grey.length, 1, 99);
    golden.assertMatches("normalize_percentile", new long[] {40, 56}, grey);
  }

  @Test
  void onlyTheGivenPartIsTouched() {
    float[] before = grey.clone();
    Normalization.minMax(grey, 56, 112);
    assertArrayEquals(Arrays.copyOf(before, 56), Arrays.copyOf(grey, 56));
    assertArrayEquals(
        Arrays.copyOfRange(before, 112, before.length), Arrays.copyOfRange(grey, 112, grey.length));
  }
}

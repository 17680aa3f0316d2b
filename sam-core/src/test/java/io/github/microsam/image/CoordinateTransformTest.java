package io.github.microsam.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.microsam.golden.Golden;
import org.junit.jupiter.api.Test;

class CoordinateTransformTest {
  @Test
  void pointsAreScaledPerAxisAsByTheReference() {
    CoordinateTransform t = CoordinateTransform.longestSide(240, 180, 256);
    float[] scaled = {t.toInputX(60), t.toInputY(70), t.toInputX(200), t.toInputY(40)};
    assertArrayEquals(Golden.open("small_predictor").array("coords_applied").floats(), scaled);
  }

  @Test
  void axesHaveFactorsOfTheirOwn() {
    CoordinateTransform t = CoordinateTransform.longestSide(501, 700, 256);
    assertEquals(183, t.inputWidth());
    assertEquals((float) (100 * (183.0 / 501)), t.toInputX(100));
    assertEquals((float) (100 * (256.0 / 700)), t.toInputY(100));
  }

  @Test
  void thereAndBackIsWhereItWas() {
    CoordinateTransform t = CoordinateTransform.longestSide(4001, 2999, 1024);
    for (double v = 0; v < 2999; v += 17.25) {
      assertEquals(v, t.toOriginalX(t.toInputX(v)), 3e-4);
      assertEquals(v, t.toOriginalY(t.toInputY(v)), 3e-4);
    }
  }
}

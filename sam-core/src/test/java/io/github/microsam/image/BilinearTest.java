package io.github.microsam.image;

import io.github.microsam.golden.Golden;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BilinearTest {
  private final Golden golden = Golden.open("resize");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "interp_bilinear_18x14",
        "interp_bilinear_27x20",
        "interp_bilinear_5x4",
        "interp_bilinear_9x7",
        "interp_bilinear_3x11",
        "interp_scale2"
      })
  void itIsPyTorchsInterpolate(String name) {
    float[] in = golden.array("interp_in").floats();
    long[] shape = golden.array(name).shape();
    float[] out = Bilinear.resize(in, 7, 9, (int) shape[3], (int) shape[2]);
    golden.assertMatches(name, shape, out);
  }
}

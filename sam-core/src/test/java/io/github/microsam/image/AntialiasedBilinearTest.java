package io.github.microsam.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.golden.Fill;
import io.github.microsam.golden.Golden;
import io.github.microsam.golden.NpyArray;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.parallel.Parallelization;
import net.imglib2.view.Views;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AntialiasedBilinearTest {
  private static final Pattern SIZES = Pattern.compile("(\\d+)x(\\d+)_to_(\\d+)x(\\d+)");
  private final Golden golden = Golden.open("resize");

  @ParameterizedTest
  @CsvSource({
    "512x512_to_1024x1024, 01a196260afc268dc9781e7cc849109447ab90dd86c8939abf4be3bee6791381",
    "100x75_to_256x192, 30510490b41f05f4c55f21b69c8716e12f12c06159bc4b1ddb8e2f58571a1b5d",
    "700x501_to_256x183, 375ee8194f7b349587ddc6a14f0a611dcc2dec36d3b87391ecb5d375bf000075",
    "37x256_to_37x256, 758c3bfa032b342684793bb1ebfb3e8cee1ca131bc2cf850b18d6be27c66779e",
    "300x299_to_128x128, aeb5248018a4bfadfb8a9a4a1c687f979bc6d7786327e40bb42d0ce22cd048d9"
  })
  void eightBitIsPillowsBitForBitAndFloatIsPyTorchs(String sizes, String sha256OfAll)
      throws Exception {
    Matcher m = SIZES.matcher(sizes);
    assertTrue(m.matches());
    int h = Integer.parseInt(m.group(1));
    int w = Integer.parseInt(m.group(2));
    int newH = Integer.parseInt(m.group(3));
    int newW = Integer.parseInt(m.group(4));
    CoordinateTransform transform = CoordinateTransform.longestSide(w, h, Math.max(newH, newW));
    assertEquals(new CoordinateTransform(w, h, newW, newH), transform);
    ImageSource image =
        ImageSource.of(Views.moveAxis(ArrayImgs.unsignedBytes(Fill.image(h, w), 3, w, h), 0, 2));

    byte[] resized = EightBitImage.of(image).resize(newW, newH).pixels();
    byte[] interleaved = new byte[resized.length];
    for (int i = 0; i < resized.length; i++) {
      interleaved[i] = resized[i % 3 * newW * newH + i / 3];
    }
    assertSamples("pil_" + sizes, interleaved, newW, newH);
    assertEquals(sha256OfAll, sha256(interleaved));

    float[] floats = AntialiasedBilinear.FLOAT.resize(image, newW, newH);
    NpyArray expected = golden.array("torch_aa_" + sizes);
    int rows = (int) expected.shape()[1];
    int columns = (int) expected.shape()[2];
    int step = (newH + rows - 1) / rows;
    float[] samples = new float[rows * columns];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = floats[i / columns * step * newW + i % columns * step];
    }
    golden.assertMatches("torch_aa_" + sizes, expected.shape(), samples);
  }

  @Test
  void theNumberOfThreadsDoesNotMatter() {
    ImageSource image =
        ImageSource.of(ArrayImgs.floats(Fill.uniform("threads", 301 * 217), 301, 217));
    float[] single =
        Parallelization.runSingleThreaded(() -> AntialiasedBilinear.FLOAT.resize(image, 130, 150));
    float[] several =
        Parallelization.runWithNumThreads(
            5, () -> AntialiasedBilinear.FLOAT.resize(image, 130, 150));
    assertArrayEquals(single, several);
  }

  @Test
  void aConstantImageStaysConstant() {
    byte[] white = new byte[91 * 57];
    Arrays.fill(white, (byte) 255);
    EightBitImage image = new EightBitImage(91, 57, 1, white);
    for (byte b : image.resize(256, 160).pixels()) {
      assertEquals((byte) 255, b);
    }
    for (byte b : image.resize(7, 4).pixels()) {
      assertEquals((byte) 255, b);
    }
  }

  private void assertSamples(String name, byte[] interleaved, int newW, int newH) {
    NpyArray expected = golden.array(name);
    int rows = (int) expected.shape()[0];
    int columns = (int) expected.shape()[1];
    int step = (newH + rows - 1) / rows;
    int[] samples = new int[rows * columns * 3];
    for (int i = 0; i < samples.length; i++) {
      int y = i / 3 / columns * step;
      int x = i / 3 % columns * step;
      samples[i] = interleaved[(y * newW + x) * 3 + i % 3] & 0xff;
    }
    assertArrayEquals(expected.ints(), samples, name);
  }

  private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}

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
import org.junit.jupiter.params.provider.ValueSource;

class AntialiasedBilinearTest {
  private static final Pattern SIZES = Pattern.compile("(\\d+)x(\\d+)_to_(\\d+)x(\\d+)");
  private final Golden golden = Golden.open("resize");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "512x512_to_1024x1024",
        "100x75_to_256x192",
        "700x501_to_256x183",
        "37x256_to_37x256",
        "300x299_to_128x128"
      })
  void eightBitIsPillowsBitForBitAndFloatIsPyTorchs(String sizes) throws Exception {
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
    assertEquals(sha256("pil_" + sizes), sha256(interleaved));

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

  /** The manifest's hash of the whole array. */
  private String sha256(String name) {
    return golden.manifest().getAsJsonArray("arrays").asList().stream()
        .map(a -> a.getAsJsonObject())
        .filter(a -> a.get("name").getAsString().equals(name))
        .map(a -> a.get("note").getAsString().replaceAll(".*: ", ""))
        .findFirst()
        .orElseThrow();
  }

  private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}

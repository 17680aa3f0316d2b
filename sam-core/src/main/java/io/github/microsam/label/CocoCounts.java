package io.github.microsam.label;

import java.util.Arrays;

/**
 * COCO's compressed run lengths: from the fourth count on the difference to the count before the
 * last, each as groups of five bits, lowest first, with a sixth bit where more follow, the sign in
 * the last group's highest bit; groups are characters from '0' on (cocoapi, maskApi.c).
 */
final class CocoCounts {
  private static final int FIRST = '0';
  private static final int MORE = 0x20;
  private static final int SIGN = 0x10;

  private CocoCounts() {}

  static String encode(int[] counts) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < counts.length; i++) {
      int rest = i > 2 ? counts[i] - counts[i - 2] : counts[i];
      boolean more = true;
      while (more) {
        int group = rest & 0x1f;
        rest >>= 5;
        more = (group & SIGN) != 0 ? rest != -1 : rest != 0;
        out.append((char) (FIRST + (more ? group | MORE : group)));
      }
    }
    return out.toString();
  }

  static int[] decode(String text) {
    int[] counts = new int[text.length()];
    int n = 0;
    int i = 0;
    while (i < text.length()) {
      int value = 0;
      int shift = 0;
      int group = MORE;
      while ((group & MORE) != 0) {
        if (i == text.length() || shift > 30) {
          throw new IllegalArgumentException("COCO run lengths end within a number: " + text);
        }
        group = text.charAt(i) - FIRST;
        if (group < 0 || group > 0x3f) {
          throw new IllegalArgumentException(
              "character '" + text.charAt(i) + "' at " + i + " of COCO run lengths " + text);
        }
        value |= (group & 0x1f) << shift;
        shift += 5;
        i++;
      }
      if ((group & SIGN) != 0 && shift < 32) {
        value |= -1 << shift;
      }
      counts[n] = n > 2 ? value + counts[n - 2] : value;
      n++;
    }
    return Arrays.copyOf(counts, n);
  }
}

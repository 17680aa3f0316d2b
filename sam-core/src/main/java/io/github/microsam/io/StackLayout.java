package io.github.microsam.io;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which page of a file holds what: channels change fastest, then slices, then frames.
 *
 * @param channels pages a plane
 * @param slices planes a volume
 * @param frames volumes
 */
record StackLayout(int channels, int slices, int frames) {

  /**
   * From ImageJ's description of a hyperstack ({@code ImageJ=1.54p\nimages=30\nchannels=2\n…});
   * without one, or if it does not fit the number of pages, pages are slices.
   */
  static StackLayout of(int pages, String description) {
    if (description.startsWith("ImageJ=")) {
      int channels = number(description, "channels");
      int frames = number(description, "frames");
      int slices = number(description, "slices");
      if ((long) channels * slices * frames == pages) {
        return new StackLayout(channels, slices, frames);
      }
    }
    return new StackLayout(1, pages, 1);
  }

  private static int number(String description, String key) {
    Matcher m = Pattern.compile("(?m)^" + key + "=(\\d{1,9})\\s*$").matcher(description);
    return m.find() ? Integer.parseInt(m.group(1)) : 1;
  }

  int page(int channel, int slice, int frame) {
    return (frame * slices + slice) * channels + channel;
  }
}

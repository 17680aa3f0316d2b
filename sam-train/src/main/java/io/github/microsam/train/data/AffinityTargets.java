package io.github.microsam.train.data;

import java.util.Arrays;
import java.util.List;

/**
 * Foreground, and for each offset whether a pixel and the one at that offset have different labels:
 * torch-em's {@code AffinityTransform(add_binary_target=True)}, which the paper compares distances
 * with. 1 is "different", also where the offset leaves the image; with a mask there follow as many
 * channels that are 0 there and 1 elsewhere.
 *
 * @param offsets where the other pixel is
 * @param mask whether there are channels of the mask
 */
public record AffinityTargets(List<Offset> offsets, boolean mask) implements TrainingTargets {

  /**
   * From one pixel to another.
   *
   * @param dx columns to the right
   * @param dy rows down
   */
  public record Offset(int dx, int dy) {}

  /**
   * Checks the offsets.
   *
   * @param offsets at least one
   * @param mask whether there are channels of the mask
   * @throws IllegalArgumentException if there is none
   */
  public AffinityTargets {
    if (offsets.isEmpty()) {
      throw new IllegalArgumentException("affinities without an offset; give at least one");
    }
    offsets = List.copyOf(offsets);
  }

  /**
   * Offsets of 1, 3, 9 and 27 pixels up and to the left, with a mask.
   *
   * @return the targets
   */
  public static AffinityTargets defaults() {
    List<Offset> offsets =
        List.of(1, 3, 9, 27).stream()
            .flatMap(d -> List.of(new Offset(0, -d), new Offset(-d, 0)).stream())
            .toList();
    return new AffinityTargets(offsets, true);
  }

  @Override
  public int channels() {
    return (1 + offsets.size()) * (mask ? 2 : 1);
  }

  @Override
  public float[] of(int[] labels, int width, int height) {
    int pixels = labels.length;
    int values = 1 + offsets.size();
    float[] out = new float[channels() * pixels];
    for (int i = 0; i < pixels; i++) {
      out[i] = labels[i] == 0 ? 0 : 1;
    }
    if (mask) {
      Arrays.fill(out, values * pixels, (values + 1) * pixels, 1);
    }
    for (int o = 0; o < offsets.size(); o++) {
      Offset offset = offsets.get(o);
      for (int i = 0; i < pixels; i++) {
        int x = i % width + offset.dx();
        int y = i / width + offset.dy();
        boolean inside = x >= 0 && x < width && y >= 0 && y < height;
        out[(1 + o) * pixels + i] = inside && labels[y * width + x] == labels[i] ? 0 : 1;
        if (mask) {
          out[(values + 1 + o) * pixels + i] = inside ? 1 : 0;
        }
      }
    }
    return out;
  }
}

package io.github.microsam.segment;

import io.github.microsam.image.Tiling;
import java.util.ArrayList;
import java.util.List;
import net.imglib2.Interval;

/**
 * A part of the image that is embedded and prompted by itself.
 *
 * @param region in coordinates of the image
 * @param layer 0 for the whole image and for tiles
 */
record Crop(Tiling.Region region, int layer) {
  /** A mask that comes as near to the edge of its crop is cut off there (SAM: {@code atol}). */
  private static final long EDGE = 20;

  /** The image and layers of smaller crops ({@code generate_crop_boxes} of segment-anything). */
  static List<Crop> layers(int width, int height, int layers, double overlapRatio) {
    List<Crop> crops = new ArrayList<>();
    crops.add(new Crop(new Tiling.Region(0, 0, width, height), 0));
    for (int layer = 1; layer <= layers; layer++) {
      int perSide = 1 << layer;
      int overlap = (int) (overlapRatio * Math.min(width, height) * (2.0 / perSide));
      int cropWidth = length(width, perSide, overlap);
      int cropHeight = length(height, perSide, overlap);
      for (int i = 0; i < perSide * perSide; i++) {
        int x = (cropWidth - overlap) * (i / perSide);
        int y = (cropHeight - overlap) * (i % perSide);
        crops.add(
            new Crop(
                new Tiling.Region(
                    x, y, Math.min(cropWidth, width - x), Math.min(cropHeight, height - y)),
                layer));
      }
    }
    return crops;
  }

  private static int length(int size, int crops, int overlap) {
    return (int) Math.ceil((double) ((long) overlap * (crops - 1) + size) / crops);
  }

  long area() {
    return (long) region.width() * region.height();
  }

  /** Whether a box ends at an edge of the crop that is no edge of the image. */
  boolean cuts(Interval box, int width, int height) {
    return near(box.min(0), region.x(), 0)
        || near(box.min(1), region.y(), 0)
        || near(box.max(0), region.x() + region.width(), width)
        || near(box.max(1), region.y() + region.height(), height);
  }

  private static boolean near(long side, long crop, long image) {
    return Math.abs(side - crop) <= EDGE && Math.abs(side - image) > EDGE;
  }
}

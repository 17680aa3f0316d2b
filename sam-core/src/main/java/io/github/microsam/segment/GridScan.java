package io.github.microsam.segment;

import io.github.microsam.image.Tiling;
import java.util.ArrayList;
import java.util.List;

/** Prompts with every point of every crop's grid. */
final class GridScan {

  /** Gives the masks at points of a crop. */
  interface PointMasks {
    /**
     * All masks of some points.
     *
     * @param crop which crop
     * @param points (x, y) in the crop
     * @return masks in the order of the points, without empty ones
     */
    List<MaskCandidate> at(int crop, List<double[]> points);
  }

  private GridScan() {}

  /**
   * Scans crops of an image.
   *
   * @param grids points in the unit square by layer
   * @param batch number of points at once
   */
  static GridMasks scan(
      int width,
      int height,
      List<Crop> crops,
      List<List<double[]>> grids,
      int batch,
      PointMasks masks,
      SegmentationListener listener) {
    long total = crops.stream().mapToLong(c -> grids.get(c.layer()).size()).sum();
    long done = 0;
    listener.progress(0, total);
    List<GridMasks.CropMasks> found = new ArrayList<>();
    for (int c = 0; c < crops.size(); c++) {
      Tiling.Region region = crops.get(c).region();
      List<double[]> points =
          grids.get(crops.get(c).layer()).stream()
              .map(p -> new double[] {p[0] * region.width(), p[1] * region.height()})
              .toList();
      List<MaskCandidate> ofCrop = new ArrayList<>();
      for (int from = 0; from < points.size(); from += batch) {
        int to = Math.min(points.size(), from + batch);
        for (MaskCandidate m : masks.at(c, points.subList(from, to))) {
          if (!crops.get(c).cuts(m.box(), width, height)) {
            ofCrop.add(m);
          }
        }
        done += to - from;
        listener.progress(done, total);
      }
      found.add(new GridMasks.CropMasks(crops.get(c), ofCrop));
    }
    return new GridMasks(width, height, found);
  }
}

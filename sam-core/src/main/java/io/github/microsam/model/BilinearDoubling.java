package io.github.microsam.model;

import io.github.microsam.engine.Regions;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Doubles a square map by bilinear interpolation, {@code
 * torch.nn.functional.interpolate(scale_factor=2, mode="bilinear", align_corners=False)}.
 *
 * <p>It is two products with a constant matrix, one for each axis, because ND4J's {@code
 * resize_bilinear} has no gradient.
 */
final class BilinearDoubling {
  private BilinearDoubling() {}

  /**
   * Adds the operation.
   *
   * @param s where; the matrix is shared by all maps of this size in the graph
   * @param x {@code [N, channels, size, size]}
   * @param channels size of the second axis
   * @param size side of the map
   * @return {@code [N, channels, 2 size, 2 size]}
   */
  static SDVariable add(Scope s, SDVariable x, long channels, long size) {
    SDVariable matrix = s.sharedConstant("bilinear_doubling_" + size, () -> matrix(size));
    SDVariable columns = s.sd().permute(x, 0, 1, 3, 2);
    SDVariable taller = alongLastAxis(columns, matrix, channels, size, size);
    SDVariable rows = s.sd().permute(taller, 0, 1, 3, 2);
    SDVariable doubled = alongLastAxis(rows, matrix, channels, 2 * size, size);
    s.regions().add(Regions.DOUBLING, Map.of(), List.of(x), doubled);
    return doubled;
  }

  private static SDVariable alongLastAxis(
      SDVariable x, SDVariable matrix, long channels, long height, long width) {
    SameDiff sd = x.getSameDiff();
    SDVariable doubled = sd.mmul(sd.reshape(x, -1, width), matrix);
    return sd.reshape(doubled, -1, channels, height, 2 * width);
  }

  /** The matrix {@code [size, 2 size]} whose columns hold the weights of the doubled pixels. */
  private static INDArray matrix(long size) {
    INDArray weights = Nd4j.zeros(size, 2 * size);
    for (long to = 0; to < 2 * size; to++) {
      long near = to / 2;
      long far = Math.min(Math.max(to % 2 == 0 ? near - 1 : near + 1, 0), size - 1);
      weights.putScalar(near, to, 0.75);
      weights.putScalar(far, to, weights.getDouble(far, to) + 0.25);
    }
    return weights;
  }
}

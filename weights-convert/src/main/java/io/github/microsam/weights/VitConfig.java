package io.github.microsam.weights;

import java.util.List;

/**
 * The architecture of SAM's plain vision transformer (segment_anything/modeling/image_encoder.py).
 *
 * @param imageSize side of the square input in pixels
 * @param patchSize side of a patch in pixels
 * @param width channels of a token
 * @param depth number of blocks
 * @param heads attention heads of a block; divides the width
 * @param mlpWidth hidden channels of a block's MLP
 * @param window side of the attention windows in tokens
 * @param globalBlocks indices of the blocks whose attention is global instead of windowed
 * @param outChannels channels of the embedding
 */
public record VitConfig(
    int imageSize,
    int patchSize,
    int width,
    int depth,
    int heads,
    int mlpWidth,
    int window,
    List<Integer> globalBlocks,
    int outChannels)
    implements EncoderConfig {

  /** SAM's ViT-B. */
  public static final VitConfig VIT_B = sam(768, 12, 12, List.of(2, 5, 8, 11));

  /** SAM's ViT-L. */
  public static final VitConfig VIT_L = sam(1024, 24, 16, List.of(5, 11, 17, 23));

  /** SAM's ViT-H. */
  public static final VitConfig VIT_H = sam(1280, 32, 16, List.of(7, 15, 23, 31));

  /**
   * Copies the list of global blocks.
   *
   * @param imageSize side of the square input in pixels
   * @param patchSize side of a patch in pixels
   * @param width channels of a token
   * @param depth number of blocks
   * @param heads attention heads of a block; divides the width
   * @param mlpWidth hidden channels of a block's MLP
   * @param window side of the attention windows in tokens
   * @param globalBlocks indices of the blocks whose attention is global instead of windowed
   * @param outChannels channels of the embedding
   */
  public VitConfig {
    globalBlocks = List.copyOf(globalBlocks);
  }

  private static VitConfig sam(int width, int depth, int heads, List<Integer> globalBlocks) {
    return new VitConfig(1024, 16, width, depth, heads, 4 * width, 14, globalBlocks, 256);
  }

  @Override
  public int stride() {
    return patchSize;
  }

  @Override
  public String modelType() {
    if (isLike(VIT_B)) {
      return "vit_b";
    }
    if (isLike(VIT_L)) {
      return "vit_l";
    }
    return isLike(VIT_H) ? "vit_h" : "vit_" + width + "x" + depth;
  }

  private boolean isLike(VitConfig other) {
    return width == other.width
        && depth == other.depth
        && heads == other.heads
        && globalBlocks.equals(other.globalBlocks);
  }
}

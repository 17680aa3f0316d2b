package io.github.microsam.weights;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The architecture of MobileSAM's TinyViT (mobile_sam/modeling/tiny_vit_sam.py): a convolutional
 * stem, a stage of MBConv blocks, then stages of window attention. The lists have one entry a
 * stage.
 *
 * @param imageSize side of the square input in pixels
 * @param widths channels of each stage
 * @param depths blocks of each stage
 * @param heads attention heads of each stage (the first stage has no attention)
 * @param windows side of the attention windows of each stage
 * @param reductions by how much the map is smaller than before when it enters each stage: 2 or 4 by
 *     the stem, then 1 or 2; shapes do not tell
 * @param outChannels channels of the embedding
 */
public record TinyVitConfig(
    int imageSize,
    List<Integer> widths,
    List<Integer> depths,
    List<Integer> heads,
    List<Integer> windows,
    List<Integer> reductions,
    int outChannels)
    implements EncoderConfig {

  /** MobileSAM's TinyViT-5M, called vit_t. */
  public static final TinyVitConfig VIT_T =
      new TinyVitConfig(
          1024,
          List.of(64, 128, 160, 320),
          List.of(2, 2, 6, 2),
          List.of(2, 4, 5, 10),
          List.of(7, 7, 14, 7),
          List.of(4, 2, 2, 1),
          256);

  /**
   * Copies the lists.
   *
   * @param imageSize side of the square input in pixels
   * @param widths channels of each stage
   * @param depths blocks of each stage
   * @param heads attention heads of each stage (the first stage has no attention)
   * @param windows side of the attention windows of each stage
   * @param reductions by how much the map is smaller than before when it enters each stage
   * @param outChannels channels of the embedding
   */
  public TinyVitConfig {
    widths = List.copyOf(widths);
    depths = List.copyOf(depths);
    heads = List.copyOf(heads);
    windows = List.copyOf(windows);
    reductions = List.copyOf(reductions);
  }

  /**
   * An architecture that reduces the map as MobileSAM does: the stem to a quarter, the first two
   * patch mergings to a half each, later ones not at all.
   *
   * @param imageSize side of the square input in pixels
   * @param widths channels of each stage
   * @param depths blocks of each stage
   * @param heads attention heads of each stage (the first stage has no attention)
   * @param windows side of the attention windows of each stage
   * @param outChannels channels of the embedding
   */
  public TinyVitConfig(
      int imageSize,
      List<Integer> widths,
      List<Integer> depths,
      List<Integer> heads,
      List<Integer> windows,
      int outChannels) {
    this(imageSize, widths, depths, heads, windows, mobileSam(widths.size()), outChannels);
  }

  /**
   * The reductions of MobileSAM's family.
   *
   * @param stages number of stages
   * @return 4, 2, 2, and then 1 for each further stage
   */
  static List<Integer> mobileSam(int stages) {
    return IntStream.range(0, stages).mapToObj(i -> i == 0 ? 4 : i < 3 ? 2 : 1).toList();
  }

  @Override
  public int stride() {
    return reductions.stream().reduce(1, Math::multiplyExact);
  }

  @Override
  public String modelType() {
    return widths.equals(VIT_T.widths) && depths.equals(VIT_T.depths)
        ? "vit_t"
        : "tiny_vit_"
            + widths.get(widths.size() - 1)
            + "x"
            + depths.stream().mapToInt(d -> d).sum();
  }
}

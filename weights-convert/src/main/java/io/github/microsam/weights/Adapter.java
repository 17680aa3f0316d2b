package io.github.microsam.weights;

import java.util.List;

/**
 * The parameter-efficient layers that a fine-tuned checkpoint carries beside the frozen weights of
 * its image encoder (micro_sam/models/peft_sam.py). Told from keys and shapes; dropout and other
 * constants of training leave no trace in a checkpoint.
 */
public sealed interface Adapter {

  /**
   * The blocks of the image encoder that carry the layers.
   *
   * @return indices, ascending
   */
  List<Integer> blocks();

  /**
   * Why the layers cannot be merged into plain weights.
   *
   * @return the reason; empty if they can
   */
  default String obstacle() {
    return "";
  }

  /**
   * Low-rank adaptation: {@code W + B·A} on the rows of q, k or v, and on both linear layers of the
   * MLP.
   *
   * @param rank rows of A and columns of B
   * @param matrices which of {@code q}, {@code k}, {@code v} and {@code mlp} are adapted, in this
   *     order
   * @param blocks the blocks
   */
  record LoRa(int rank, List<String> matrices, List<Integer> blocks) implements Adapter {}

  /**
   * Factor tuning: {@code W + V·F·U} on the rows of q and v, with an own F for each.
   *
   * @param rank rows of U and columns of V
   * @param blocks the blocks
   */
  record FacT(int rank, List<Integer> blocks) implements Adapter {}

  /**
   * Scaling and shifting of features: {@code scale·y + shift} after the linear layers and norms of
   * the blocks; the patch embedding stays as it is.
   *
   * @param blocks the blocks
   */
  record ScaleShift(List<Integer> blocks) implements Adapter {}

  /**
   * AdaptFormer: a bottleneck with a ReLU beside the MLP. Its factor alpha is in the checkpoint
   * only where it was learned.
   *
   * @param width channels of the bottleneck
   * @param learnedAlpha whether there is an alpha for each block
   * @param blocks the blocks
   */
  record AdaptFormer(int width, boolean learnedAlpha, List<Integer> blocks) implements Adapter {
    @Override
    public String obstacle() {
      return "AdaptFormer's bottleneck has a ReLU, so no plain weights do the same";
    }
  }
}

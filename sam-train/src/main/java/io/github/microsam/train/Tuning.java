package io.github.microsam.train;

import java.util.List;

/**
 * Which weights of the image encoder are trained (micro_sam/models/peft_sam.py). All but {@link
 * Full} are for plain vision transformers and freeze everything in the encoder that they do not
 * name. Blocks are numbered from 0; an empty list means all. Immutable.
 */
public sealed interface Tuning {

  /** All weights. */
  record Full() implements Tuning {}

  /**
   * Low-rank adaptation: {@code alpha · B(A(x))} is added to what a frozen layer gives. Alpha is 1
   * in micro-sam. A checkpoint does not hold it: B is trained as alpha · B, with a learning rate
   * that is alpha times as large, which for Adam is the same.
   *
   * @param rank rows of A
   * @param alpha above 0
   * @param matrices of {@code q}, {@code k}, {@code v} and {@code mlp}, those that are adapted
   * @param blocks which blocks
   */
  record LoRa(int rank, double alpha, List<String> matrices, List<Integer> blocks)
      implements Tuning {
    /**
     * Copies the lists.
     *
     * @param rank rows of A
     * @param alpha above 0
     * @param matrices of {@code q}, {@code k}, {@code v} and {@code mlp}, those that are adapted
     * @param blocks which blocks
     */
    public LoRa {
      matrices = List.copyOf(matrices);
      blocks = checked(blocks);
      if (rank < 1
          || !(alpha > 0)
          || matrices.isEmpty()
          || !List.of("q", "k", "v", "mlp").containsAll(matrices)) {
        throw new IllegalArgumentException(
            "LoRA of rank %d, alpha %s, matrices %s; expected a rank of 1 or more, an alpha above 0, and some of q, k, v, mlp"
                .formatted(rank, alpha, matrices));
      }
    }

    /**
     * micro-sam's: queries and values of all blocks, alpha 1.
     *
     * @param rank rows of A
     * @return the tuning
     */
    public static LoRa of(int rank) {
      return new LoRa(rank, 1, List.of("q", "v"), List.of());
    }
  }

  /**
   * Factor tuning of queries and values: {@code V(F(U(x)))} is added to what a frozen layer gives,
   * in training {@code V(drop(F(U(x))))}. Dropout leaves no trace in a checkpoint, and validation
   * and inference have none.
   *
   * @param rank rows of U
   * @param dropout share of F's values that training leaves out, from 0 (none) to below 1; 0.1 in
   *     micro-sam
   * @param blocks which blocks
   */
  record FacT(int rank, double dropout, List<Integer> blocks) implements Tuning {
    /**
     * Copies the list.
     *
     * @param rank rows of U
     * @param dropout share of F's values that training leaves out
     * @param blocks which blocks
     * @throws IllegalArgumentException if the rank is below 1, or the share not from 0 to below 1
     */
    public FacT {
      requirePositive("rank of FacT", rank);
      blocks = checked(blocks);
      if (!(dropout >= 0 && dropout < 1)) {
        throw new IllegalArgumentException(
            "the dropout of FacT is " + dropout + ", expected 0 to below 1");
      }
    }

    /**
     * micro-sam's: all blocks, dropout 0.1.
     *
     * @param rank rows of U
     * @return the tuning
     */
    public static FacT of(int rank) {
      return new FacT(rank, 0.1, List.of());
    }
  }

  /**
   * Scaling and shifting of features.
   *
   * @param blocks which blocks
   */
  record ScaleShift(List<Integer> blocks) implements Tuning {
    /**
     * Copies the list.
     *
     * @param blocks which blocks
     */
    public ScaleShift {
      blocks = checked(blocks);
    }
  }

  /**
   * A bottleneck beside the MLP, with a learned factor.
   *
   * @param width channels of the bottleneck, 64 in micro-sam
   * @param blocks which blocks
   */
  record AdaptFormer(int width, List<Integer> blocks) implements Tuning {
    /**
     * Copies the list.
     *
     * @param width channels of the bottleneck
     * @param blocks which blocks
     */
    public AdaptFormer {
      requirePositive("width of AdaptFormer", width);
      blocks = checked(blocks);
    }
  }

  /**
   * The attention of blocks.
   *
   * @param blocks which blocks
   */
  record AttentionOnly(List<Integer> blocks) implements Tuning {
    /**
     * Copies the list.
     *
     * @param blocks which blocks
     */
    public AttentionOnly {
      blocks = checked(blocks);
    }
  }

  /**
   * The biases of blocks.
   *
   * @param blocks which blocks
   */
  record BiasOnly(List<Integer> blocks) implements Tuning {
    /**
     * Copies the list.
     *
     * @param blocks which blocks
     */
    public BiasOnly {
      blocks = checked(blocks);
    }
  }

  /**
   * The layer norms of blocks.
   *
   * @param blocks which blocks
   */
  record LayerNormOnly(List<Integer> blocks) implements Tuning {
    /**
     * Copies the list.
     *
     * @param blocks which blocks
     */
    public LayerNormOnly {
      blocks = checked(blocks);
    }
  }

  /**
   * Whole blocks, usually the last ones (micro-sam's {@code ClassicalSurgery}).
   *
   * @param blocks which blocks; the neck stays frozen, as in micro-sam
   */
  record Blocks(List<Integer> blocks) implements Tuning {
    /**
     * Copies the list.
     *
     * @param blocks which blocks
     */
    public Blocks {
      blocks = checked(blocks);
    }
  }

  private static void requirePositive(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("%s is %d, expected 1 or more".formatted(what, value));
    }
  }

  private static List<Integer> checked(List<Integer> blocks) {
    for (int block : blocks) {
      if (block < 0) {
        throw new IllegalArgumentException(
            "blocks are %s, expected numbers from 0".formatted(blocks));
      }
    }
    return List.copyOf(blocks);
  }
}

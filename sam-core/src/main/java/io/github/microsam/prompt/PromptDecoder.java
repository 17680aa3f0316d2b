package io.github.microsam.prompt;

import io.github.microsam.engine.Engine;
import io.github.microsam.model.SamModel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs prompt encoder and mask decoder on prompts of the same layout. Threads may share it. */
final class PromptDecoder {
  /** More prompts at once gain nothing: the decoder's work grows with their number. */
  private static final int MAX_CHUNK = 64;

  private final Engine encoder;
  private final Engine decoder;
  private final int channels;
  private final int side;
  private final int masks;
  private final float[] densePe;
  private final float[] noMask;

  PromptDecoder(SamModel model) {
    encoder = model.promptEncoder();
    decoder = model.maskDecoder();
    channels = model.config().encoder().outChannels();
    side = model.config().encoder().embeddingSize();
    masks = model.config().maskDecoder().multimaskOutputs() + 1;
    try (NativeArrays arrays = new NativeArrays()) {
      Map<String, INDArray> out =
          arrays.keep(encoder.run(Map.of(), List.of("dense_pe", "no_mask")));
      densePe = NativeArrays.read(out.get("dense_pe"));
      noMask = NativeArrays.read(out.get("no_mask"));
    }
  }

  /** Side of the masks in pixels. */
  int maskSide() {
    return 4 * side;
  }

  /** Receives what the decoder gives for one prompt after another. */
  interface MaskSink {
    /**
     * Takes the masks of one prompt.
     *
     * @param prompt its position in the list
     * @param iou predicted IoU of each mask; the single mask comes first, then the candidates
     * @param mask reads the logits of one of the masks
     */
    void accept(int prompt, float[] iou, MaskReader mask);
  }

  /** Copies one mask out of native memory. */
  interface MaskReader {
    /**
     * Reads logits.
     *
     * @param mask which of the prompt's masks
     * @return its logits
     */
    MaskLogits read(int mask);
  }

  void run(ImageEmbedding embedding, List<Prompt> prompts, MaskSink sink) {
    PromptLayout layout = PromptLayout.of(prompts.get(0));
    try (NativeArrays arrays = new NativeArrays()) {
      Map<String, INDArray> inputs = new HashMap<>();
      inputs.put("embedding", arrays.of(embedding.features(), 1, channels, side, side));
      inputs.put("dense_pe", arrays.of(densePe, 1, channels, side, side));
      inputs.put("sparse", sparse(arrays, embedding, prompts, layout));
      inputs.put("dense", dense(arrays, prompts, layout));
      Map<String, INDArray> out = arrays.keep(decoder.run(inputs, List.of("masks", "iou")));
      INDArray logits = out.get("masks");
      int pixels = maskSide() * maskSide();
      for (int i = 0; i < prompts.size(); i++) {
        long first = (long) i * masks;
        float[] iou = NativeArrays.read(out.get("iou"), first, masks);
        sink.accept(
            i,
            iou,
            mask ->
                new MaskLogits(
                    NativeArrays.read(logits, (first + mask) * pixels, pixels), maskSide()));
      }
    }
  }

  private INDArray sparse(
      NativeArrays arrays, ImageEmbedding embedding, List<Prompt> prompts, PromptLayout layout) {
    int count = prompts.size();
    int tokens = layout.tokens();
    if (tokens == 0) {
      return arrays.of(new float[0], count, 0, channels);
    }
    Map<String, INDArray> inputs =
        Map.of(
            "points", arrays.of(layout.places(prompts, embedding.transform()), count, tokens, 2),
            "labels", arrays.of(layout.labels(prompts), count, tokens));
    return arrays.keep(encoder.run(inputs, List.of("sparse"))).get("sparse");
  }

  private INDArray dense(NativeArrays arrays, List<Prompt> prompts, PromptLayout layout) {
    if (!layout.mask()) {
      return arrays.of(noMask, 1, channels, 1, 1);
    }
    INDArray mask =
        arrays.of(PromptLayout.masks(prompts), prompts.size(), 1, maskSide(), maskSide());
    return arrays.keep(encoder.run(Map.of("mask", mask), List.of("dense"))).get("dense");
  }

  /**
   * How many prompts fit into an amount of memory: a power of two, so that few numbers of prompts
   * occur, since each has its own schedule.
   */
  int chunk(long memoryBytes) {
    // Per prompt at most: six arrays like the embedding for keys, values and residuals, three at
    // each step of the upscaling (a fourth of the channels on four times the cells, an eighth on
    // sixteen times) and the masks.
    long cells = (long) side * side;
    long floats = 6 * cells * channels + 3 * cells * channels * 3 + 2L * masks * 16 * cells;
    long fit = Math.max(1, Math.min(MAX_CHUNK, memoryBytes / (4 * floats)));
    return (int) Long.highestOneBit(fit);
  }
}

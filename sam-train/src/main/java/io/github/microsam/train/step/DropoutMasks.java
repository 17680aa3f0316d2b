package io.github.microsam.train.step;

import io.github.microsam.model.SamModel;
import io.github.microsam.train.data.StableRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What dropout leaves out of a model's FacT layers, {@code torch.nn.Dropout}: each value with the
 * same chance, and what stays is scaled up so that sums keep their expectation. A mask follows from
 * the seed, the step, its tasks and the layer, so that a resumed training draws the same ones.
 */
final class DropoutMasks {
  /** Keeps what is drawn here apart from what else a step draws. */
  private static final long STREAM = 0x64726f706f7574L; // "dropout"

  private final SamModel model;
  private final double share;
  private final float scale;

  /**
   * Masks of a model.
   *
   * @param model whose options tell the share that is left out
   */
  DropoutMasks(SamModel model) {
    this.model = model;
    share = model.options().dropout();
    scale = (float) (1 / (1 - share));
  }

  /**
   * The masks of a forward pass.
   *
   * @param images of the batch
   * @param tasks what the pass is for; the two of a joint step have masks of their own
   * @param step number of the step
   * @param seed of the training
   * @return inputs of the image encoder by name, each element 0 or 1 / (1 - share); the caller
   *     closes them. Empty for a model without dropout
   */
  Map<String, INDArray> draw(int images, Set<Task> tasks, long step, long seed) {
    long pass = tasks.stream().mapToLong(task -> task.name().hashCode()).sum();
    Map<String, INDArray> masks = new LinkedHashMap<>();
    model
        .dropoutMasks(images)
        .forEach(
            (name, shape) -> {
              StableRandom random = StableRandom.of(seed, step, STREAM, pass, masks.size());
              masks.put(name, mask(shape, random));
            });
    return masks;
  }

  private INDArray mask(long[] shape, StableRandom random) {
    long count = 1;
    for (long size : shape) {
      count *= size;
    }
    float[] values = new float[Math.toIntExact(count)];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextDouble() < share ? 0 : scale;
    }
    return Nd4j.create(values, shape, 'c');
  }
}

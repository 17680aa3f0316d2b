package io.github.microsam.train.step;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.microsam.golden.FillTensor;
import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import io.github.microsam.train.array.NativeFloats;
import io.github.microsam.weights.Adapter;
import io.github.microsam.weights.SamWeights;
import io.github.microsam.weights.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What dropout leaves out of the layers of factor tuning. */
class DropoutMasksTest {
  private static final double SHARE = 0.1;
  private static final Set<Task> TASKS = Set.of(Task.PROMPTS);

  private static SamModel model;
  private static SamModel inTraining;

  @BeforeAll
  static void open() {
    Map<String, Tensor> tensors = FillTensor.model("small");
    tensors.putAll(FillTensor.model("unetr_f4"));
    model =
        SamModel.extended(
            SamWeights.of(tensors, SmallModels.CONFIG),
            ModelOptions.defaults(),
            Optional.of(new Adapter.FacT(4, List.of(0, 1, 2, 3))),
            Optional.empty(),
            1);
    inTraining = model.sharing(model.options().withDropout(SHARE));
  }

  @AfterAll
  static void close() {
    inTraining.close();
    model.close();
  }

  private static Map<String, float[]> draw(Set<Task> tasks, long step, long seed) {
    Map<String, float[]> masks = new LinkedHashMap<>();
    for (Map.Entry<String, INDArray> mask :
        new DropoutMasks(inTraining).draw(2, tasks, step, seed).entrySet()) {
      try (INDArray array = mask.getValue()) {
        masks.put(mask.getKey(), NativeFloats.read(array));
      }
    }
    return masks;
  }

  @Test
  void theShareIsLeftOutAndTheRestScaledUp() {
    int zeros = 0;
    int all = 0;
    for (float[] mask : draw(TASKS, 3, 1).values()) {
      for (float value : mask) {
        if (value == 0) {
          zeros++;
        } else {
          assertEquals((float) (1 / (1 - SHARE)), value);
        }
        all++;
      }
    }
    double deviation = Math.sqrt(all * SHARE * (1 - SHARE));
    assertEquals(all * SHARE, zeros, 4 * deviation, "zeros of " + all);
  }

  @Test
  void seedStepTasksAndLayerDecideAndNothingElse() {
    Map<String, float[]> masks = draw(TASKS, 3, 1);
    assertEquals(4, masks.size());
    Map<String, float[]> again = draw(TASKS, 3, 1);
    masks.forEach((name, mask) -> assertArrayEquals(mask, again.get(name), name));
    List<float[]> different = new ArrayList<>(masks.values());
    different.addAll(draw(TASKS, 4, 1).values());
    different.addAll(draw(TASKS, 3, 2).values());
    different.addAll(draw(Set.of(Task.MAPS), 3, 1).values());
    different.addAll(draw(Set.of(Task.MAPS, Task.PROMPTS), 3, 1).values());
    for (int i = 0; i < different.size(); i++) {
      for (int k = 0; k < i; k++) {
        assertFalse(Arrays.equals(different.get(i), different.get(k)), i + " and " + k);
      }
    }
  }

  @Test
  void inferenceHasNone() {
    assertEquals(Map.of(), new DropoutMasks(model).draw(2, TASKS, 3, 1));
  }
}

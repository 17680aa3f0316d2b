package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.microsam.engine.Engine;
import io.github.microsam.engine.GradientPlan;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Plans go from thread to thread; those that compiled them and ran them before have ended. */
class MigrationTest {
  private static final int SIDE = 128;

  private static final SamConfig CONFIG =
      new SamConfig(
          new VitConfig(SIDE, 16, 48, 4, 4, 192, 7, List.of(1, 3), 32),
          new MaskDecoderConfig(3, 2, 8, 64, 3, 32, 16),
          Optional.of(new UnetrConfig(16, 4, false, 3)));

  private static <T> T inThreadOfItsOwn(Callable<T> work) throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      return thread.submit(work).get();
    } finally {
      thread.shutdown();
    }
  }

  /** The result and all gradients, flat. */
  private static Map<String, float[]> passes(
      Engine engine, Map<String, INDArray> inputs, String output) {
    List<String> targets = new ArrayList<>(inputs.keySet());
    engine.graph().variables().stream()
        .filter(v -> v.getVariableType() == VariableType.VARIABLE)
        .forEach(v -> targets.add(v.name()));
    GradientPlan plan = engine.gradientPlan(inputs, List.of(output), targets);
    INDArray result = plan.forward(inputs).get(output);
    Map<String, float[]> all = new TreeMap<>();
    plan.backward(Map.of(output, Nd4j.ones(DataType.FLOAT, result.shape())))
        .forEach((name, gradient) -> all.put(name, gradient.dup('c').data().asFloat()));
    all.put(output, result.data().asFloat());
    return all;
  }

  private static void assertThreadsAgree(Engine engine, Map<String, INDArray> inputs, String output)
      throws Exception {
    Map<String, float[]> first = inThreadOfItsOwn(() -> passes(engine, inputs, output));
    Map<String, float[]> second = inThreadOfItsOwn(() -> passes(engine, inputs, output));
    first.forEach((name, values) -> assertArrayEquals(values, second.get(name), name));
    float[] again =
        inThreadOfItsOwn(() -> engine.run(inputs, List.of(output)).get(output).data().asFloat());
    float[] oncemore =
        inThreadOfItsOwn(() -> engine.run(inputs, List.of(output)).get(output).data().asFloat());
    assertArrayEquals(again, oncemore, output);
  }

  @Test
  void forwardAndBackwardPassesRunInAnyThread() throws Exception {
    SamModel model = SamModel.random(CONFIG, 1);
    Nd4j.getRandom().setSeed(5);
    INDArray image = Nd4j.rand(DataType.FLOAT, 1, 3, SIDE, SIDE);
    INDArray embedding = Nd4j.rand(DataType.FLOAT, 1, 32, SIDE / 16, SIDE / 16);
    assertThreadsAgree(model.imageEncoder(), Map.of("image", image), "embedding");
    assertThreadsAgree(model.unetr().orElseThrow(), Map.of("embedding", embedding), "maps");
    inThreadOfItsOwn(
        () -> {
          model.close();
          return null;
        });
  }
}

package io.github.microsam.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.engine.onednn.OneDnnProvider;
import io.github.microsam.model.ImageEncoder;
import io.github.microsam.model.SamModel;
import io.github.microsam.model.UnetrDecoder;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.listeners.At;
import org.nd4j.autodiff.listeners.BaseListener;
import org.nd4j.autodiff.listeners.Operation;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

class EngineSessionsTest {
  private static final SamConfig CONFIG =
      new SamConfig(
          new VitConfig(64, 16, 24, 2, 2, 96, 3, List.of(1), 16),
          new MaskDecoderConfig(3, 2, 8, 32, 3, 16, 16),
          Optional.of(new UnetrConfig(4, 3, false, 3)));

  private final EngineSessions sessions = new EngineSessions();
  private final List<String> asked = new ArrayList<>();

  /** Has no kernels; notes the regions that it is asked for. */
  private final KernelProvider noting =
      new KernelProvider() {
        @Override
        public String name() {
          return "noting";
        }

        @Override
        public Optional<Template> kernel(Region region, List<Spec> inputs, Spec output) {
          asked.add(region.kind());
          return Optional.empty();
        }
      };

  @BeforeEach
  void bind() {
    SameDiff.bindInferenceFactory(sessions);
  }

  @AfterEach
  void unbind() {
    SameDiff.bindInferenceFactory(new SameDiff.DefaultInferenceFactory());
  }

  @Test
  void outputOfAGraphIsComputedByItsEngineWithItsRegions() {
    INDArray image = Nd4j.rand(DataType.FLOAT, 1, 3, 64, 64);
    try (SamModel model = SamModel.random(CONFIG, 1)) {
      SameDiff graph = model.imageEncoder().graph();
      float[] stock = output(graph, image);
      Engine engine = new Engine(graph, model.imageEncoder().regions(), List.of(noting));
      sessions.add(engine);
      float[] byEngine = output(graph, image);
      assertArrayEquals(stock, byEngine, 1e-5f);
      assertTrue(asked.contains(Regions.ATTENTION), asked.toString());

      asked.clear();
      sessions.remove(engine);
      engine.close();
      assertArrayEquals(stock, output(graph, image), 1e-5f);
      assertEquals(List.of(), asked);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void imageEncoder(boolean fused) {
    try (SamModel model = SamModel.random(CONFIG, 1)) {
      INDArray image = Nd4j.rand(DataType.FLOAT, 1, 3, 64, 64);
      assertSameOutput(
          model.imageEncoder(), fused, Map.of(ImageEncoder.IMAGE, image), ImageEncoder.EMBEDDING);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void maskDecoder(boolean fused) {
    try (SamModel model = SamModel.random(CONFIG, 1)) {
      for (int prompts : new int[] {1, 3}) {
        assertSameOutput(
            model.maskDecoder(),
            fused,
            Map.of(
                "embedding", Nd4j.rand(DataType.FLOAT, 1, 16, 4, 4),
                "dense", Nd4j.rand(DataType.FLOAT, 1, 16, 1, 1),
                "dense_pe", Nd4j.rand(DataType.FLOAT, 1, 16, 4, 4),
                "sparse", Nd4j.rand(DataType.FLOAT, prompts, 2, 16)),
            "masks",
            "iou");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void unetrDecoder(boolean fused) {
    try (SamModel model = SamModel.random(CONFIG, 1)) {
      assertSameOutput(
          model.unetr().orElseThrow(),
          fused,
          Map.of(UnetrDecoder.EMBEDDING, Nd4j.rand(DataType.FLOAT, 1, 16, 4, 4)),
          UnetrDecoder.MAPS);
    }
  }

  /** Fails unless the graph gives with an engine what it gives without one. */
  private void assertSameOutput(
      Engine like, boolean fused, Map<String, INDArray> inputs, String... outputs) {
    SameDiff graph = like.graph();
    Map<String, INDArray> stock = graph.output(inputs, outputs);
    List<KernelProvider> providers =
        fused ? List.of(noting, new OneDnnProvider()) : List.of(noting);
    asked.clear();
    try (Engine engine = new Engine(graph, like.regions(), providers)) {
      sessions.add(engine);
      Map<String, INDArray> byEngine = graph.output(inputs, outputs);
      sessions.remove(engine);
      assertFalse(asked.isEmpty(), "the engine was not asked");
      assertEquals(stock.keySet(), byEngine.keySet());
      for (String name : outputs) {
        float[] expected = stock.get(name).dup('c').data().asFloat();
        float largest = stock.get(name).amaxNumber().floatValue();
        float[] actual = byEngine.get(name).data().asFloat();
        assertArrayEquals(expected, actual, 1e-4f * largest, name);
      }
      if (fused) {
        Plan plan = engine.plan(inputs, List.of(outputs));
        assertTrue(
            plan.describe().kinds().stream().anyMatch(k -> k.kind().equals(Regions.GROUP)),
            () -> "no kernels: " + plan.describe());
      }
    }
  }

  @Test
  void aCallWithListenersRunsAsEver() {
    INDArray image = Nd4j.rand(DataType.FLOAT, 1, 3, 64, 64);
    try (SamModel model = SamModel.random(CONFIG, 1)) {
      SameDiff graph = model.imageEncoder().graph();
      Engine engine = new Engine(graph, model.imageEncoder().regions(), List.of(noting));
      sessions.add(engine);
      int[] operations = {0};
      graph.setListeners(
          new BaseListener() {
            @Override
            public boolean isActive(Operation operation) {
              return true;
            }

            @Override
            public void opExecution(
                SameDiff sd,
                At at,
                MultiDataSet batch,
                SameDiffOp op,
                OpContext opContext,
                INDArray[] outputs) {
              operations[0]++;
            }
          });
      output(graph, image);
      assertTrue(operations[0] > 100, operations[0] + " operations");
      assertEquals(List.of(), asked);
    }
  }

  private static float[] output(SameDiff graph, INDArray image) {
    return graph
        .output(Map.of(ImageEncoder.IMAGE, image), ImageEncoder.EMBEDDING)
        .get(ImageEncoder.EMBEDDING)
        .data()
        .asFloat();
  }
}

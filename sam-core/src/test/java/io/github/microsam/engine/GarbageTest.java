package io.github.microsam.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.github.microsam.engine.onednn.OneDnnProvider;
import io.github.microsam.model.ImageEncoder;
import io.github.microsam.model.SamModel;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.VitConfig;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class GarbageTest {
  /** Of heap, for one call. */
  private static final long MOST_BYTES = 16_000;

  private static final int CALLS = 50;

  /**
   * What is left are the objects of ND4J that stand for the outputs, which the caller owns, and
   * those with which it copies inputs and outputs. They do not become more with the size of the
   * model.
   */
  @Test
  void aCallOfAPlanOfKernelsLeavesLittleGarbage() {
    SamConfig config =
        new SamConfig(
            new VitConfig(128, 16, 48, 4, 4, 192, 3, List.of(1, 3), 16),
            new MaskDecoderConfig(3, 2, 8, 32, 3, 16, 16),
            Optional.empty());
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    assumeTrue(threads.isThreadAllocatedMemorySupported());
    Map<String, INDArray> in =
        Map.of(ImageEncoder.IMAGE, Nd4j.rand(DataType.FLOAT, 1, 3, 128, 128));
    List<String> out = List.of(ImageEncoder.EMBEDDING);
    try (SamModel model = SamModel.random(config, 1);
        Engine engine =
            new Engine(
                model.imageEncoder().graph(),
                model.imageEncoder().regions(),
                List.of(new OneDnnProvider()))) {
      call(engine, in, out);
      long thread = Thread.currentThread().getId();
      long before = threads.getThreadAllocatedBytes(thread);
      call(engine, in, out);
      long bytes = (threads.getThreadAllocatedBytes(thread) - before) / CALLS;
      assertTrue(bytes < MOST_BYTES, bytes + " bytes of garbage a call");
    }
  }

  private static void call(Engine engine, Map<String, INDArray> in, List<String> out) {
    for (int i = 0; i < CALLS; i++) {
      engine.run(in, out).values().forEach(INDArray::close);
    }
  }
}

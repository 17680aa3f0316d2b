package io.github.microsam.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

class CoresTest {
  private static final int CORES = Runtime.getRuntime().availableProcessors();

  /** A kernel that notes how many threads all engines together compute with. */
  private static final class Counting implements KernelProvider {
    private final AtomicInteger computing = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    @Override
    public String name() {
      return "counting";
    }

    @Override
    public Optional<Template> kernel(Region region, List<Spec> inputs, Spec output) {
      return Optional.of((arrays, result, scratch) -> new CountingKernel());
    }

    private final class CountingKernel implements Kernel {
      @Override
      public void run() {
        int threads = NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads();
        most.accumulateAndGet(computing.addAndGet(threads), Math::max);
        try {
          Thread.sleep(2);
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        computing.addAndGet(-threads);
      }

      @Override
      public void close() {}
    }
  }

  @Test
  void enginesTogetherDoNotComputeWithMoreThreadsThanThereAreCores() throws Exception {
    for (int threads : new int[] {CORES, 1}) {
      Counting counting = new Counting();
      List<Engine> engines = new ArrayList<>();
      ExecutorService callers = Executors.newFixedThreadPool(4);
      List<Future<?>> calls = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Engine engine = engine(counting, threads);
        engines.add(engine);
        INDArray x = Nd4j.ones(3);
        calls.add(
            callers.submit(
                () -> {
                  for (int k = 0; k < 10; k++) {
                    engine.run(Map.of("x", x), List.of("y"));
                  }
                }));
      }
      for (Future<?> call : calls) {
        call.get();
      }
      callers.shutdown();
      engines.forEach(Engine::close);
      int most = counting.most.get();
      assertTrue(most >= threads && most <= CORES, most + " threads on " + CORES + " cores");
    }
  }

  @Test
  void theNumberOfThreadsIsWhatOpenMpUses() {
    for (int threads : new int[] {1, 2, CORES}) {
      Counting counting = new Counting();
      try (Engine engine = engine(counting, threads)) {
        engine.run(Map.of("x", Nd4j.ones(3)), List.of("y"));
      }
      assertEquals(threads, counting.most.get());
    }
  }

  @Test
  void optionsAreChecked() {
    EngineOptions options = EngineOptions.defaults();
    assertThrows(IllegalArgumentException.class, () -> options.withThreads(0));
    assertEquals(3, options.withThreads(3).threads());
  }

  private static Engine engine(KernelProvider provider, int threads) {
    SameDiff sd = SameDiff.create();
    SDVariable x = sd.placeHolder("x", DataType.FLOAT, 3);
    SDVariable y = x.add(1).rename("y");
    Regions regions = new Regions();
    regions.add("any", Map.of(), List.of(x), y);
    return new Engine(
        sd, regions, List.of(provider), EngineOptions.defaults().withThreads(threads));
  }
}

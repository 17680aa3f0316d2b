package io.github.microsam.engine;

import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.nd4j.linalg.factory.Environment;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * The cores that the JVM may use, shared by all engines in it: who wants to compute with so many
 * threads waits until so many cores are free. So engines that use all cores run one after the
 * other, and the threads of two never take each other's turns.
 */
final class Cores {
  private static final int COUNT = Runtime.getRuntime().availableProcessors();

  /** One for the JVM, because the cores are. Fair: who came first computes first. */
  private static final Semaphore FREE = new Semaphore(COUNT, true);

  private Cores() {}

  /** Computes in this thread and as many of OpenMP's as make up the number. */
  static void use(int threads, Runnable work) {
    supply(
        threads,
        () -> {
          work.run();
          return null;
        });
  }

  /** The same for work with a result. */
  static <T> T supply(int threads, Supplier<T> work) {
    int share = Math.min(threads, COUNT);
    FREE.acquireUninterruptibly(share);
    try {
      set(threads);
      return work.get();
    } finally {
      FREE.release(share);
    }
  }

  /**
   * OpenMP's number is the calling thread's, and oneDNN's too, which uses the same OpenMP; that of
   * ND4J's loops is the process's.
   */
  private static void set(int threads) {
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
    Environment environment = Nd4j.getEnvironment();
    if (environment.maxMasterThreads() != threads) {
      environment.setMaxThreads(Math.max(threads, environment.maxThreads()));
      environment.setMaxMasterThreads(threads);
    }
  }
}

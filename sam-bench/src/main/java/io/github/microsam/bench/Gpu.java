package io.github.microsam.bench;

import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.nd4j.linalg.api.environment.Nd4jEnvironment;

/** Whether ND4J computes on a GPU that it has code for. */
final class Gpu {
  /** Compute capabilities of the machine code in nd4j-cuda-11.6, which has no PTX for others. */
  private static final int OLDEST = 37;

  private static final int NEWEST = 86;

  private Gpu() {}

  /**
   * Refuses what cannot work.
   *
   * @param environment what ND4J tells of where it runs
   * @throws IllegalStateException if that is no GPU, or one that ND4J has no code for
   */
  static void require(Properties environment) {
    if (!"CUDA".equalsIgnoreCase(environment.getProperty(Nd4jEnvironment.BACKEND_KEY))) {
      throw new IllegalStateException(
          "runtime 'cuda' needs a build for GPUs, mvn package -Pcuda -DskipTests; this one computes"
              + " on "
              + environment.getProperty(Nd4jEnvironment.BACKEND_KEY));
    }
    Object devices = environment.get(Nd4jEnvironment.CUDA_DEVICE_INFORMATION_KEY);
    for (Object device : devices instanceof List<?> l ? l : List.of()) {
      check((Map<?, ?>) device);
    }
  }

  private static void check(Map<?, ?> device) {
    int major = ((Number) device.get(Nd4jEnvironment.CUDA_DEVICE_MAJOR_VERSION_KEY)).intValue();
    int minor = ((Number) device.get(Nd4jEnvironment.CUDA_DEVICE_MINOR_VERSION_KEY)).intValue();
    int capability = 10 * major + minor;
    if (capability < OLDEST || capability > NEWEST) {
      throw new IllegalStateException(
          "%s has compute capability %d.%d; ND4J 1.0.0-M2.1 has code for 3.7 to 8.6 only"
              .formatted(device.get(Nd4jEnvironment.CUDA_DEVICE_NAME_KEY), major, minor));
    }
  }
}

package io.github.microsam.engine;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel providers of this JVM, found once, as services of the class path. One whose natives
 * are missing is left out with a warning that says what brings them; ND4J's stock operations take
 * its place.
 *
 * <p>{@code MICROSAM_KERNELS=nd4j} in the environment, or the system property {@code
 * microsam.kernels}, uses stock operations alone.
 */
public final class KernelProviders {
  private static final Logger LOG = LoggerFactory.getLogger(KernelProviders.class);

  private KernelProviders() {}

  /**
   * The providers.
   *
   * @return the preferred one first; empty if stock operations are wanted or nothing else is there
   * @throws IllegalArgumentException if the choice is neither nd4j nor auto
   */
  public static List<KernelProvider> available() {
    return areStockOperationsWanted() ? List.of() : Found.PROVIDERS;
  }

  /**
   * The providers in a precision.
   *
   * @param precision what products are computed in
   * @return the preferred one first; empty if stock operations, which know single precision only,
   *     are wanted or nothing else is there
   * @throws IllegalArgumentException if the choice is neither nd4j nor auto
   */
  public static List<KernelProvider> available(Precision precision) {
    return precision == Precision.FLOAT32 || areStockOperationsWanted()
        ? available()
        : InBfloat16.PROVIDERS;
  }

  private static boolean areStockOperationsWanted() {
    String wanted =
        System.getProperty(
            "microsam.kernels", System.getenv().getOrDefault("MICROSAM_KERNELS", "auto"));
    if (!wanted.equalsIgnoreCase("nd4j") && !wanted.equalsIgnoreCase("auto")) {
      throw new IllegalArgumentException(
          "MICROSAM_KERNELS is '" + wanted + "'; expected nd4j or auto");
    }
    return wanted.equalsIgnoreCase("nd4j");
  }

  /** Made when it is first asked for. */
  private static final class InBfloat16 {
    static final List<KernelProvider> PROVIDERS =
        Found.PROVIDERS.stream().map(p -> p.in(Precision.BFLOAT16)).toList();
  }

  /** Looks when it is first asked. */
  private static final class Found {
    static final List<KernelProvider> PROVIDERS = find();

    private static List<KernelProvider> find() {
      List<KernelProvider> found = new ArrayList<>();
      Iterator<KernelProvider> services = ServiceLoader.load(KernelProvider.class).iterator();
      while (services.hasNext()) {
        try {
          KernelProvider provider = services.next();
          if (provider.canReadArrays()) {
            found.add(provider);
          } else {
            LOG.info(
                "{} does not compute where ND4J keeps its arrays; ND4J's own operations are used.",
                provider.name());
          }
        } catch (ServiceConfigurationError | LinkageError e) {
          LOG.warn(
              "A faster way to run models is not there, ND4J's own operations are used: {}. Natives"
                  + " for this platform come with org.bytedeco:dnnl and org.bytedeco:opencl,"
                  + " classifier = -Djavacpp.platform.",
              e.getCause() == null ? e.toString() : e.getCause().toString());
        }
      }
      return List.copyOf(found);
    }
  }
}

package io.github.microsam.engine.onednn;

import io.github.microsam.engine.KernelProvider;
import io.github.microsam.engine.Region;
import io.github.microsam.engine.Regions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Kernels by oneDNN on the CPU, in single precision.
 *
 * <p>Threads may share a provider; the kernels that it gives run in the thread that calls and use
 * all threads of OpenMP.
 */
public final class OneDnnProvider implements KernelProvider, AutoCloseable {
  private final OneDnn dnn = new OneDnn();

  /**
   * Loads the library.
   *
   * @throws UnsatisfiedLinkError if its natives are not there
   */
  public OneDnnProvider() {}

  @Override
  public String name() {
    return "onednn";
  }

  @Override
  public Optional<Template> kernel(Region region, List<Spec> inputs, Spec output) {
    boolean floats =
        Stream.concat(inputs.stream(), Stream.of(output))
            .allMatch(s -> s.dataType() == DataType.FLOAT);
    if (!floats) {
      return Optional.empty();
    }
    return switch (region.kind()) {
      case Regions.LINEAR -> Optional.of(Kernels.linear(dnn, region, inputs));
      case Regions.LAYER_NORM -> Optional.of(Kernels.layerNorm(dnn, region, inputs));
      case Regions.GELU -> Optional.of(Kernels.gelu(dnn, inputs));
      case Regions.ATTENTION -> Optional.of(new WindowAttention(dnn, region, inputs));
      default -> Optional.empty();
    };
  }

  /** Frees oneDNN's engine; no kernel of this provider may be in use. */
  @Override
  public void close() {
    dnn.close();
  }
}

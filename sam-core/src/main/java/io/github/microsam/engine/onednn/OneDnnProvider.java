package io.github.microsam.engine.onednn;

import io.github.microsam.engine.KernelProvider;
import io.github.microsam.engine.Region;
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
    return GroupAssembly.knows(region)
        ? Optional.of(
            new ProgramTemplate(
                dnn, inputs, output, (to, in, out) -> GroupAssembly.write(to, region, in, out)))
        : Optional.empty();
  }

  /** Frees oneDNN's engine; no kernel of this provider may be in use. */
  @Override
  public void close() {
    dnn.close();
  }
}

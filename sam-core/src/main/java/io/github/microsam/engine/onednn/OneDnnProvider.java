package io.github.microsam.engine.onednn;

import io.github.microsam.engine.KernelProvider;
import io.github.microsam.engine.Operation;
import io.github.microsam.engine.Precision;
import io.github.microsam.engine.Region;
import io.github.microsam.engine.Regions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kernels by oneDNN on the CPU, on arrays in single precision.
 *
 * <p>Threads may share a provider; the kernels that it gives run in the thread that calls and use
 * all threads of OpenMP.
 */
public final class OneDnnProvider implements KernelProvider, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OneDnnProvider.class);

  private final OneDnn dnn;

  /**
   * Loads the library, for single precision.
   *
   * @throws UnsatisfiedLinkError if its natives are not there
   */
  public OneDnnProvider() {
    this(Precision.FLOAT32);
  }

  /**
   * Loads the library.
   *
   * @param precision what the factors of products and convolutions are rounded to
   * @throws UnsatisfiedLinkError if its natives are not there
   */
  public OneDnnProvider(Precision precision) {
    dnn = new OneDnn(precision);
  }

  @Override
  public KernelProvider in(Precision precision) {
    if (precision == dnn.precision) {
      return this;
    }
    if (precision == Precision.BFLOAT16 && !OneDnn.isFasterInBfloat16()) {
      LOG.warn(
          "bfloat16 was asked for, but this processor has no AMX instructions for it: products are"
              + " computed in float32, no faster than with float32.");
    }
    return new OneDnnProvider(precision);
  }

  @Override
  public String name() {
    return "onednn";
  }

  /** Arrays have to lie in main memory. */
  @Override
  public boolean canReadArrays() {
    return Nd4j.getEnvironment().isCPU();
  }

  @Override
  public Optional<Template> kernel(Region region, List<Spec> inputs, Spec output) {
    if (!areFloats(inputs, List.of(output))) {
      return Optional.empty();
    }
    return GroupAssembly.knows(region)
        ? Optional.of(
            new ProgramTemplate(
                dnn, inputs, output, (to, in, out) -> GroupAssembly.write(to, region, in, out)))
        : Optional.empty();
  }

  @Override
  public Optional<StepTemplate> observedKernel(
      Region region, List<Spec> inputs, List<Spec> outputs) {
    if (!areFloats(inputs, outputs) || !region.kind().equals(Regions.BATCH_NORM)) {
      return Optional.empty();
    }
    double epsilon = (double) region.attributes().get("epsilon");
    return Optional.of(
        new StepProgram(
            dnn,
            inputs,
            outputs,
            Collections.nCopies(outputs.size(), true),
            (program, in, out) ->
                new Passes(program)
                    .channelNorm(
                        in.get(0),
                        in.get(1),
                        in.get(2),
                        out.get(0),
                        out.get(1),
                        out.get(2),
                        epsilon)));
  }

  @Override
  public Optional<StepTemplate> gradient(
      Region region, List<Spec> inputs, Spec output, List<Boolean> wanted) {
    if (!areFloats(inputs, List.of(output)) || !GradientAssembly.knows(region)) {
      return Optional.empty();
    }
    List<Spec> all = new ArrayList<>(inputs);
    if (!region.observables().isEmpty()) {
      Spec channels = inputs.get(1); // what a batch norm lets observe has the shape of its scale
      all.add(channels);
      all.add(channels);
    }
    all.add(output);
    all.add(output);
    return Optional.of(
        new StepProgram(
            dnn,
            all,
            inputs,
            wanted,
            (program, in, out) -> GradientAssembly.write(program, region, in, out)));
  }

  @Override
  public Optional<StepTemplate> kernel(Operation operation) {
    if (!areFloats(operation.inputs(), operation.outputs())
        || !OperationAssembly.knows(operation)) {
      return Optional.empty();
    }
    return Optional.of(
        new StepProgram(
            dnn,
            operation.inputs(),
            operation.outputs(),
            operation.read(),
            (program, in, out) -> OperationAssembly.write(program, operation, in, out)));
  }

  private static boolean areFloats(List<Spec> inputs, List<Spec> outputs) {
    return Stream.concat(inputs.stream(), outputs.stream())
        .allMatch(s -> s.dataType() == DataType.FLOAT);
  }

  /** Frees oneDNN's engine; no kernel of this provider may be in use. */
  @Override
  public void close() {
    dnn.close();
  }
}

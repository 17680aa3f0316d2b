package io.github.microsam.engine;

import io.github.microsam.engine.KernelProvider.Spec;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ops.DynamicCustomOp;

/**
 * The place of a kernel in a graph that computes the gradient of a whole region. ND4J knows no such
 * operation: only a kernel can run it.
 */
final class RegionGradient extends DynamicCustomOp {
  private final Region region;
  private final KernelProvider.StepTemplate kernel;
  private final List<Spec> results;
  private final List<Boolean> wanted;
  private final List<SameDiffOp> operations;

  /** Which of the kernel's inputs these are: those that it looks at. */
  private final List<Integer> positions;

  /**
   * Adds it to a graph.
   *
   * @param sd the graph
   * @param region whose gradient it is
   * @param kernel what computes it
   * @param inputs what the kernel reads
   * @param positions their indices among the kernel's inputs
   * @param results what it gives
   * @param wanted which of them it computes
   * @param operations the region's stock operations
   */
  RegionGradient(
      SameDiff sd,
      Region region,
      KernelProvider.StepTemplate kernel,
      SDVariable[] inputs,
      List<Integer> positions,
      List<Spec> results,
      List<Boolean> wanted,
      List<SameDiffOp> operations) {
    super("region_gradient", sd, inputs);
    this.region = region;
    this.kernel = kernel;
    this.positions = positions;
    this.results = results;
    this.wanted = wanted;
    this.operations = operations;
  }

  KernelProvider.StepTemplate kernel() {
    return kernel;
  }

  Region region() {
    return region;
  }

  List<Integer> positions() {
    return positions;
  }

  List<Spec> results() {
    return results;
  }

  List<SameDiffOp> operations() {
    return operations;
  }

  List<Boolean> wanted() {
    return wanted;
  }

  @Override
  public String opName() {
    return "region_gradient";
  }

  @Override
  public int getNumOutputs() {
    return results.size();
  }

  @Override
  public List<DataType> calculateOutputDataTypes(List<DataType> inputs) {
    return results.stream().map(Spec::dataType).toList();
  }
}

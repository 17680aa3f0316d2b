package io.github.microsam.engine;

import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Offers kernels: for regions, for the gradients of regions, and for single operations. Where none
 * does, ND4J's stock operations run.
 */
public interface KernelProvider {

  /**
   * Name of the provider.
   *
   * @return for instance {@code onednn}
   */
  String name();

  /**
   * Whether the kernels can read the arrays of ND4J as it is set up in this JVM, which may lie in
   * the memory of a GPU.
   *
   * @return true unless they lie elsewhere than the kernels look
   */
  default boolean canReadArrays() {
    return true;
  }

  /**
   * The provider of the same kernels in another precision.
   *
   * @param precision what products are computed in
   * @return a provider of its own, or this one if it knows one precision only
   */
  default KernelProvider in(Precision precision) {
    return this;
  }

  /**
   * Says whether there is a kernel for a region.
   *
   * @param region what is to be computed
   * @param inputs types and shapes of the region's inputs
   * @param output type and shape of its output
   * @return the kernel, not bound to arrays yet; empty if the stock operations should run
   */
  Optional<Template> kernel(Region region, List<Spec> inputs, Spec output);

  /**
   * Says whether there is a kernel for a region that gives its observables as well.
   *
   * @param region what is to be computed; it has {@link Region#observables}
   * @param inputs types and shapes of the region's inputs
   * @param outputs type and shape of its output, then of its observables
   * @return the kernel, which gives the output, then the observables; empty if the stock operations
   *     should run
   */
  default Optional<StepTemplate> observedKernel(
      Region region, List<Spec> inputs, List<Spec> outputs) {
    return Optional.empty();
  }

  /**
   * Says whether there is a kernel for the gradient of a region: from the region's inputs, its
   * observables, its output and the gradient with respect to the output to the gradients with
   * respect to inputs.
   *
   * @param region what is differentiated
   * @param inputs types and shapes of the region's inputs
   * @param output type and shape of its output
   * @param wanted for each input, whether its gradient is
   * @return the kernel, whose inputs are the region's, then its observables, its output and the
   *     gradient with respect to that, and whose outputs are the gradients with respect to the
   *     region's inputs; empty if the gradients of its stock operations should run
   */
  default Optional<StepTemplate> gradient(
      Region region, List<Spec> inputs, Spec output, List<Boolean> wanted) {
    return Optional.empty();
  }

  /**
   * Says whether there is a kernel for a single operation.
   *
   * @param operation what is to be computed
   * @return the kernel, which reads and gives what the operation does; empty if the stock operation
   *     should run
   */
  default Optional<StepTemplate> kernel(Operation operation) {
    return Optional.empty();
  }

  /**
   * Type and shape of an array; arrays are contiguous in C order.
   *
   * @param dataType type of the elements
   * @param shape size along each axis
   */
  record Spec(DataType dataType, List<Long> shape) {

    /**
     * Copies the shape.
     *
     * @param dataType type of the elements
     * @param shape size along each axis
     */
    public Spec {
      shape = List.copyOf(shape);
    }

    /**
     * The last axis.
     *
     * @return its size
     */
    public long last() {
      return shape.get(shape.size() - 1);
    }

    /**
     * All axes but the last.
     *
     * @return the product of their sizes
     */
    public long rows() {
      long rows = 1;
      for (long d : shape.subList(0, shape.size() - 1)) {
        rows *= d;
      }
      return rows;
    }
  }

  /** A kernel that has no arrays yet. */
  interface Template {

    /**
     * Memory that the kernel needs while it runs.
     *
     * @return elements of the output's type
     */
    default long scratch() {
      return 0;
    }

    /**
     * Binds the kernel to arrays.
     *
     * @param inputs the region's inputs
     * @param output where the result goes; its memory is not an input's
     * @param scratch as many elements as asked for; null if none
     * @return the kernel
     */
    Kernel bind(List<INDArray> inputs, INDArray output, INDArray scratch);
  }

  /** A kernel of several results that has no arrays yet. */
  interface StepTemplate {

    /**
     * Memory that the kernel needs while it runs.
     *
     * @return elements of the first output's type
     */
    default long scratch() {
      return 0;
    }

    /**
     * Whether the kernel looks at an input. What no step looks at is not kept.
     *
     * @param input index among the inputs
     * @return false if null may be given in its place
     */
    default boolean reads(int input) {
      return true;
    }

    /**
     * Binds the kernel to arrays.
     *
     * @param inputs what it reads; null where it does not
     * @param outputs where the results go, in memory that is not an input's; null where a result is
     *     not wanted
     * @param scratch as many elements as asked for; null if none
     * @return the kernel
     */
    Kernel bind(List<INDArray> inputs, List<INDArray> outputs, INDArray scratch);
  }

  /** A fused computation, bound to arrays. Not safe to run by two threads at once. */
  interface Kernel extends AutoCloseable {

    /** Computes the output from the inputs. */
    void run();

    /** Frees what the kernel holds, which are not the arrays. */
    @Override
    void close();
  }
}

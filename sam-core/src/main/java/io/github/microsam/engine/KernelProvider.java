package io.github.microsam.engine;

import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Offers fused kernels for regions. Where none does, the region's stock operations run. */
public interface KernelProvider {

  /**
   * Name of the provider.
   *
   * @return for instance {@code onednn}
   */
  String name();

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

  /** A fused computation, bound to arrays. Not safe to run by two threads at once. */
  interface Kernel extends AutoCloseable {

    /** Computes the output from the inputs. */
    void run();

    /** Frees what the kernel holds, which are not the arrays. */
    @Override
    void close();
  }
}

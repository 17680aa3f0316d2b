package io.github.microsam.engine.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.engine.Engine;
import io.github.microsam.engine.KernelProvider;
import io.github.microsam.engine.Plan;
import io.github.microsam.engine.Precision;
import io.github.microsam.engine.Regions;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What kernels give, compared with what they replace, in single precision and in bfloat16. */
public final class KernelComparison {
  /** Kernels in single precision. */
  public static final KernelProvider PROVIDER = new OneDnnProvider();

  /** Kernels whose products are in bfloat16. */
  public static final KernelProvider IN_BFLOAT16 = PROVIDER.in(Precision.BFLOAT16);

  /** Of the largest element. */
  public static final double TOLERANCE = 1e-5;

  /** Of the largest element: a factor is rounded by up to 1 / 256. */
  public static final double TOLERANCE_IN_BFLOAT16 = 0.05;

  private KernelComparison() {}

  /**
   * Fails unless a graph's output y by kernels is what its stock operations give.
   *
   * @param sd the graph
   * @param regions that kernels are for
   * @param inputs arrays of the placeholders
   * @param tolerance in single precision, of the largest element
   * @param asPlanned looks at what runs in single precision
   */
  public static void assertKernelsReplace(
      SameDiff sd,
      Regions regions,
      Map<String, INDArray> inputs,
      double tolerance,
      Consumer<Plan> asPlanned) {
    List<String> outputs = List.of("y");
    try (Engine stock = new Engine(sd);
        Engine fused = new Engine(sd, regions, List.of(PROVIDER));
        Engine rounded = new Engine(sd, regions, List.of(IN_BFLOAT16))) {
      asPlanned.accept(fused.plan(inputs, outputs));
      INDArray expected = stock.run(inputs, outputs).get("y");
      // Twice, because the second call finds the memory as the first one left it.
      fused.run(inputs, outputs);
      assertClose(expected, fused.run(inputs, outputs).get("y"), tolerance);
      assertClose(expected, rounded.run(inputs, outputs).get("y"), TOLERANCE_IN_BFLOAT16);
    }
  }

  /** Fails where arrays differ by more than so much of the largest element. */
  public static void assertClose(INDArray expected, INDArray actual, double tolerance) {
    assertClose("output", expected, actual, tolerance);
  }

  /** The same of an array with a name. */
  public static void assertClose(
      String what, INDArray expected, INDArray actual, double tolerance) {
    assertClose(what, expected, actual, tolerance, expected.amaxNumber().doubleValue());
  }

  /** The same, measured by another number than the largest element. */
  public static void assertClose(
      String what, INDArray expected, INDArray actual, double tolerance, double scale) {
    assertArrayEquals(expected.shape(), actual.shape(), what);
    double[] e = expected.dup('c').data().asDouble();
    double[] a = actual.dup('c').data().asDouble();
    double difference = 0;
    int where = 0;
    for (int i = 0; i < e.length; i++) {
      double d = Math.abs(e[i] - a[i]);
      if (d > difference || Double.isNaN(d)) {
        difference = d;
        where = i;
      }
    }
    assertTrue(
        difference <= tolerance * scale,
        "%s: off by %g at %d: expected %g, got %g; the scale is %g"
            .formatted(what, difference, where, e[where], a[where], scale));
  }
}

package io.github.microsam.engine.onednn;

import static io.github.microsam.engine.onednn.KernelComparison.IN_BFLOAT16;
import static io.github.microsam.engine.onednn.KernelComparison.PROVIDER;
import static io.github.microsam.engine.onednn.KernelComparison.TOLERANCE;
import static io.github.microsam.engine.onednn.KernelComparison.TOLERANCE_IN_BFLOAT16;
import static io.github.microsam.engine.onednn.KernelComparison.assertClose;
import static io.github.microsam.engine.onednn.KernelComparison.assertKernelsReplace;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.engine.Engine;
import io.github.microsam.engine.KernelProvider;
import io.github.microsam.engine.KernelProvider.Kernel;
import io.github.microsam.engine.KernelProvider.Spec;
import io.github.microsam.engine.KernelProvider.Template;
import io.github.microsam.engine.Region;
import io.github.microsam.engine.Regions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class OneDnnProviderTest {
  private final SameDiff sd = SameDiff.create();
  private final Regions regions = new Regions();

  private static INDArray random(long... shape) {
    return Nd4j.rand(DataType.FLOAT, shape).subi(0.5);
  }

  private SDVariable gelu(SDVariable x) {
    return x.mul(0.5).mul(sd.math().erf(x.mul(Math.sqrt(0.5))).add(1));
  }

  /** Runs the region's stock operations and its kernel on the same input, and compares. */
  private void assertKernelReplaces(INDArray x) {
    assertKernelsReplace(
        sd, regions, Map.of("x", x), TOLERANCE, plan -> assertEquals(1, plan.stepCount(), "steps"));
  }

  private static Spec spec(INDArray array) {
    return new Spec(array.dataType(), Arrays.stream(array.shape()).boxed().toList());
  }

  @ParameterizedTest
  @CsvSource({
    "none, 5, 7, 3",
    "gelu, 64, 48, 192",
    "relu, 33, 100, 1",
    "gelu, 300, 20, 24",
    "none, 257, 7, 9",
    "gelu, 1, 16, 16"
  })
  void linearWithActivation(String activation, int rows, int in, int out) {
    SDVariable x = sd.placeHolder("x", DataType.FLOAT, -1, in);
    SDVariable w = sd.var("w", random(out, in));
    SDVariable b = sd.var("b", random(out));
    SDVariable y = sd.mmul(x, w, false, true, false).add(b);
    if (activation.equals("gelu")) {
      y = gelu(y);
    } else if (activation.equals("relu")) {
      y = sd.nn().relu(y, 0);
    }
    y.rename("y");
    regions.add(Regions.LINEAR, Map.of("activation", activation), List.of(x, w, b), y);
    assertKernelReplaces(random(rows, in).muli(4));
  }

  @ParameterizedTest
  @CsvSource({"1, 48", "100, 768", "7, 5"})
  void layerNorm(int rows, int channels) {
    SDVariable x = sd.placeHolder("x", DataType.FLOAT, -1, channels);
    SDVariable w = sd.var("w", random(channels));
    SDVariable b = sd.var("b", random(channels));
    SDVariable centred = x.sub(x.mean(true, 1));
    SDVariable variance = centred.mul(centred).mean(true, 1);
    SDVariable y = centred.div(sd.math().sqrt(variance.add(1e-6))).mul(w).add(b).rename("y");
    regions.add(Regions.LAYER_NORM, Map.of("epsilon", 1e-6), List.of(x, w, b), y);
    assertKernelReplaces(random(rows, channels).muli(3).addi(1));
  }

  @Test
  void geluIsTheExactForm() {
    SDVariable x = sd.placeHolder("x", DataType.FLOAT, -1, 9);
    SDVariable y = gelu(x).rename("y");
    regions.add(Regions.GELU, Map.of(), List.of(x), y);
    assertKernelReplaces(random(50, 9).muli(12));
  }

  @Test
  void aRegionWhoseInsideIsReadElsewhereRunsItsStockOperations() {
    SDVariable x = sd.placeHolder("x", DataType.FLOAT, -1, 4);
    SDVariable w = sd.var("w", random(6, 4));
    SDVariable b = sd.var("b", random(6));
    SDVariable product = sd.mmul(x, w, false, true, false);
    SDVariable y = product.add(b).rename("y");
    regions.add(Regions.LINEAR, Map.of("activation", "none"), List.of(x, w, b), y);
    product.mul(2).rename("z");
    INDArray in = random(3, 4);
    try (Engine fused = new Engine(sd, regions, List.of(PROVIDER))) {
      assertTrue(fused.plan(Map.of("x", in), List.of("y", "z")).stepCount() == 3);
      assertTrue(fused.plan(Map.of("x", in), List.of("y")).stepCount() == 1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 4",
    "2, 7, 4, 12",
    "3, 14, 2, 64",
    "1, 16, 3, 8",
    "1, 40, 2, 16",
    "1, 24, 1, 8"
  })
  void attentionWithRelativePositions(int windows, int side, int heads, int d) {
    int width = heads * d;
    INDArray qkv = random(windows, side, side, 3L * width).muli(2);
    INDArray byRow = random(side, side, d);
    INDArray byColumn = random(side, side, d);
    Region region =
        new Region(
            Regions.ATTENTION,
            Map.of("heads", heads),
            List.of(sd.constant(qkv), sd.constant(byRow), sd.constant(byColumn)),
            sd.constant(0));
    List<Spec> specs = List.of(spec(qkv), spec(byRow), spec(byColumn));
    float[] attended =
        attention(
            qkv.data().asFloat(),
            byRow.data().asFloat(),
            byColumn.data().asFloat(),
            windows,
            side,
            heads,
            d);
    INDArray expected = Nd4j.createFromArray(attended).reshape(windows, side, side, width);
    for (KernelProvider provider : List.of(PROVIDER, IN_BFLOAT16)) {
      INDArray output = Nd4j.create(DataType.FLOAT, windows, side, side, width);
      Template template = provider.kernel(region, specs, spec(output)).orElseThrow();
      INDArray scratch = Nd4j.create(DataType.FLOAT, template.scratch());
      try (Kernel kernel = template.bind(List.of(qkv, byRow, byColumn), output, scratch)) {
        kernel.run();
      }
      double tolerance = provider == PROVIDER ? TOLERANCE : TOLERANCE_IN_BFLOAT16;
      assertClose(expected, output, tolerance);
    }
  }

  /** The definition, in double precision. */
  private static float[] attention(
      float[] qkv, float[] byRow, float[] byColumn, int windows, int side, int heads, int d) {
    int t = side * side;
    int width = heads * d;
    float[] out = new float[windows * t * width];
    double[] logits = new double[t];
    for (int w = 0; w < windows; w++) {
      for (int h = 0; h < heads; h++) {
        for (int q = 0; q < t; q++) {
          int query = (w * t + q) * 3 * width + h * d;
          double max = Double.NEGATIVE_INFINITY;
          for (int k = 0; k < t; k++) {
            int key = (w * t + k) * 3 * width + width + h * d;
            int row = ((q / side) * side + k / side) * d;
            int column = ((q % side) * side + k % side) * d;
            double product = 0;
            double bias = 0;
            for (int c = 0; c < d; c++) {
              product += (double) qkv[query + c] * qkv[key + c];
              bias += (double) qkv[query + c] * ((double) byRow[row + c] + byColumn[column + c]);
            }
            logits[k] = product / Math.sqrt(d) + bias;
            max = Math.max(max, logits[k]);
          }
          double sum = 0;
          for (int k = 0; k < t; k++) {
            logits[k] = Math.exp(logits[k] - max);
            sum += logits[k];
          }
          for (int c = 0; c < d; c++) {
            double value = 0;
            for (int k = 0; k < t; k++) {
              value += logits[k] * qkv[(w * t + k) * 3 * width + 2 * width + h * d + c];
            }
            out[(w * t + q) * width + h * d + c] = (float) (value / sum);
          }
        }
      }
    }
    return out;
  }
}

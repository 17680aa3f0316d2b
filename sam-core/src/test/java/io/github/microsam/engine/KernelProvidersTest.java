package io.github.microsam.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.model.ImageEncoder;
import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.VitConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Which kernels there are is decided once a process, so each case is a process. */
class KernelProvidersTest {
  private static final String NATIVES = "dnnl-.*-(linux|windows|macosx)-.*\\.jar";
  private static final String MISSING = "A faster way to run models is not there";
  private static final String SLOW = "this processor has no AMX instructions";

  /** Opens two models in each precision, runs their encoders, and prints what ran. */
  static final class TwoModels {
    private static final SamConfig CONFIG =
        new SamConfig(
            new VitConfig(64, 16, 24, 2, 2, 96, 3, List.of(1), 16),
            new MaskDecoderConfig(3, 2, 8, 32, 3, 16, 16),
            Optional.empty());

    private TwoModels() {}

    public static void main(String[] args) {
      Map<String, INDArray> in =
          Map.of(ImageEncoder.IMAGE, Nd4j.rand(DataType.FLOAT, 1, 3, 64, 64));
      List<String> out = List.of(ImageEncoder.EMBEDDING);
      for (int i = 0; i < 2; i++) {
        for (Precision precision : Precision.values()) {
          ModelOptions options = ModelOptions.defaults().withPrecision(precision);
          try (SamModel model = SamModel.random(CONFIG, options, 1)) {
            Plan plan = model.imageEncoder().plan(in, out);
            boolean fused =
                plan.describe().kinds().stream().anyMatch(k -> k.kind().equals(Regions.GROUP));
            float value = model.imageEncoder().run(in, out).get(out.get(0)).getFloat(0);
            System.out.println(precision + (fused ? " fused " : " stock ") + Float.isFinite(value));
          }
        }
      }
      System.out.println("providers: " + KernelProviders.available().size());
    }
  }

  /** Prints how looking for providers fails. */
  static final class Looking {
    private Looking() {}

    public static void main(String[] args) {
      try {
        System.out.println("providers: " + KernelProviders.available().size());
      } catch (IllegalArgumentException e) {
        System.out.println(e);
      }
    }
  }

  private static ChildJvm jvm() {
    return new ChildJvm().with("microsam.kernels", "auto");
  }

  private static int count(String part, String text) {
    return text.split(part, -1).length - 1;
  }

  @Test
  void whereNativesAreMissingStockOperationsRunAndOneWarningSaysWhatBringsThem() throws Exception {
    String printed = jvm().without(NATIVES).run(TwoModels.class);
    assertEquals(1, count(MISSING, printed), printed);
    String warning = printed.lines().filter(l -> l.contains(MISSING)).findFirst().orElseThrow();
    for (String part :
        List.of(
            "UnsatisfiedLinkError",
            "ND4J's own operations are used",
            "org.bytedeco:dnnl",
            "org.bytedeco:opencl",
            "-Djavacpp.platform")) {
      assertTrue(warning.contains(part), warning);
    }
    assertEquals(2, count("FLOAT32 stock true", printed), printed);
    assertEquals(2, count("BFLOAT16 stock true", printed), printed);
    assertTrue(printed.contains("providers: 0"), printed);
  }

  @Test
  void whereTheLibraryIsMissingAltogetherItIsTheSame() throws Exception {
    String printed = jvm().without("dnnl-.*\\.jar").run(TwoModels.class);
    assertEquals(1, count(MISSING, printed), printed);
    assertEquals(2, count("FLOAT32 stock true", printed), printed);
    assertEquals(2, count("BFLOAT16 stock true", printed), printed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nd4j", "ND4J"})
  void stockOperationsCanBeChosen(String value) throws Exception {
    String printed = new ChildJvm().with("microsam.kernels", value).run(Looking.class);
    assertEquals("providers: 0", printed.strip());
    printed = new ChildJvm().withVariable("MICROSAM_KERNELS", value).run(Looking.class);
    assertEquals("providers: 0", printed.strip());
  }

  @Test
  void thePropertyIsPreferredToTheEnvironment() throws Exception {
    String printed =
        new ChildJvm()
            .withVariable("MICROSAM_KERNELS", "fast")
            .with("microsam.kernels", "nd4j")
            .run(Looking.class);
    assertEquals("providers: 0", printed.strip());
  }

  @Test
  void anotherValueIsAnErrorThatSaysWhatIsExpected() throws Exception {
    String printed = new ChildJvm().withVariable("MICROSAM_KERNELS", "fast").run(Looking.class);
    assertEquals(
        "java.lang.IllegalArgumentException: MICROSAM_KERNELS is 'fast'; expected nd4j or auto",
        printed.strip());
  }

  /** oneDNN can be told to think so of any processor. */
  @Test
  void aProcessorThatIsNoFasterInBfloat16IsWarnedOfOnce() throws Exception {
    String printed = jvm().withVariable("ONEDNN_MAX_CPU_ISA", "AVX2").run(TwoModels.class);
    assertEquals(1, count(SLOW, printed), printed);
    assertEquals(2, count("FLOAT32 fused true", printed), printed);
    assertEquals(2, count("BFLOAT16 fused true", printed), printed);
  }
}

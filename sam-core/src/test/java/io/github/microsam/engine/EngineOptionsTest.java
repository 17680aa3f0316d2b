package io.github.microsam.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** What the environment says, in processes of their own. */
class EngineOptionsTest {

  /** Prints the defaults, or why there are none. */
  static final class Defaults {
    private Defaults() {}

    public static void main(String[] args) {
      try {
        System.out.println(EngineOptions.defaults());
      } catch (IllegalArgumentException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  /** Runs a graph with the default options, three times, and its gradient once. */
  static final class Runs {
    private Runs() {}

    public static void main(String[] args) {
      SameDiff sd = SameDiff.create();
      SDVariable x = sd.placeHolder("x", DataType.FLOAT, 5);
      sd.math().tanh(x.mul(2)).rename("y");
      var in = Map.of("x", Nd4j.ones(DataType.FLOAT, 5));
      try (Engine engine = new Engine(sd)) {
        for (int i = 0; i < 3; i++) {
          engine.run(in, List.of("y"));
        }
        GradientPlan plan = engine.gradientPlan(in, List.of("y"), List.of("x"));
        plan.forward(in);
        plan.backward(Map.of("y", Nd4j.ones(DataType.FLOAT, 5)));
        System.out.println("before the end");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 'EngineOptions[threads=1, profile=false, recompute=false]'",
    "' 12 ', 'EngineOptions[threads=12, profile=false, recompute=false]'",
    "0, '0 threads; expected 1 or more'",
    "-1, '-1 threads; expected 1 or more'",
    "all, 'microsam.threads is ''all''; expected a number of threads'",
    "1.5, 'microsam.threads is ''1.5''; expected a number of threads'"
  })
  void threads(String value, String expected) throws Exception {
    String printed = new ChildJvm().withVariable("MICROSAM_THREADS", value).run(Defaults.class);
    assertEquals(expected, printed.strip());
  }

  @Test
  void thePropertyIsPreferredToTheEnvironment() throws Exception {
    String printed =
        new ChildJvm()
            .withVariable("MICROSAM_THREADS", "3")
            .with("microsam.threads", "2")
            .withVariable("MICROSAM_PROFILE", "maybe")
            .with("microsam.profile", "TRUE")
            .run(Defaults.class);
    assertEquals("EngineOptions[threads=2, profile=true, recompute=false]", printed.strip());
  }

  @Test
  void withoutSettingsAllCoresComputeAndNothingIsTimed() throws Exception {
    String printed = new ChildJvm().run(Defaults.class);
    int cores = Runtime.getRuntime().availableProcessors();
    assertEquals(
        "EngineOptions[threads=" + cores + ", profile=false, recompute=false]", printed.strip());
  }

  @Test
  void aProfileThatIsNeitherIsAnError() throws Exception {
    String printed = new ChildJvm().withVariable("MICROSAM_PROFILE", "maybe").run(Defaults.class);
    assertEquals("microsam.profile is 'maybe'; expected true or false", printed.strip());
    assertThrows(IllegalArgumentException.class, () -> EngineOptions.defaults().withThreads(0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "true"})
  void aProfileIsPrintedWhenTheEngineIsClosed(String value) throws Exception {
    String printed = new ChildJvm().withVariable("MICROSAM_PROFILE", value).run(Runs.class);
    String before = printed.substring(0, printed.indexOf("before the end"));
    assertTrue(!before.contains("GFLOP"), printed);
    String after = printed.substring(before.length());
    assertTrue(after.contains("2 steps") && after.contains("mean of 3 calls"), printed);
    assertTrue(after.contains("forward: ") && after.contains("backward: "), printed);
    String tanh = after.lines().filter(l -> l.endsWith(" tanh")).findFirst().orElseThrow().strip();
    assertTrue(tanh.matches("\\d+\\.\\d\\d +\\d+\\.\\d +\\d+\\.\\d{3}  tanh"), tanh);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "false", ""})
  void withoutAProfileNothingIsPrinted(String value) throws Exception {
    String printed = new ChildJvm().withVariable("MICROSAM_PROFILE", value).run(Runs.class);
    assertTrue(!printed.contains("GFLOP"), printed);
  }
}

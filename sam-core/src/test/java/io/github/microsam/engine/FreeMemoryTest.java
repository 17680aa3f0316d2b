package io.github.microsam.engine;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class FreeMemoryTest {

  @Test
  void aPlanThatDoesNotFitIsRefusedBeforeAnythingIsAllocated() {
    SameDiff sd = SameDiff.create();
    sd.placeHolder("column", DataType.FLOAT, -1, 1)
        .mul(sd.placeHolder("row", DataType.FLOAT, 1, -1))
        .rename("table");
    try (Engine engine = new Engine(sd)) {
      PlanTooLargeException e =
          assertThrows(
              PlanTooLargeException.class,
              () ->
                  engine.run(
                      Map.of("column", Nd4j.ones(1_000_000, 1), "row", Nd4j.ones(1, 2_000_000)),
                      List.of("table")));
      assertTrue(
          e.getMessage().startsWith("This needs 8000.0 GB for intermediate results"),
          e::getMessage);
      assertEquals(
          6,
          engine
              .run(Map.of("column", Nd4j.ones(2, 1), "row", Nd4j.ones(1, 3)), List.of("table"))
              .get("table")
              .length(),
          "the engine is usable afterwards");
    }
  }

  @Test
  void plansThatWereKeptMakeWay() throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=1800m",
                "-cp",
                System.getProperty("java.class.path"),
                TwoPlans.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, child.waitFor(), output);
  }

  /** Runs two plans, of which each fits into the memory that is left, and both together do not. */
  static final class TwoPlans {
    private static final int ROWS = 25_000;
    private static final int COLUMNS = 10_000;

    private TwoPlans() {}

    public static void main(String[] arguments) {
      SameDiff sd = SameDiff.create();
      sd.placeHolder("column", DataType.FLOAT, -1, 1)
          .mul(sd.placeHolder("row", DataType.FLOAT, 1, -1))
          .max()
          .rename("max");
      try (Engine engine = new Engine(sd)) {
        for (int i = 0; i < 3; i++) {
          INDArray column = Nd4j.valueArrayOf(new long[] {ROWS - i, 1}, i + 1f, DataType.FLOAT);
          Map<String, INDArray> inputs = Map.of("column", column, "row", Nd4j.ones(1, COLUMNS + i));
          float max = engine.run(inputs, List.of("max")).get("max").getFloat(0);
          if (max != i + 1) {
            throw new AssertionError(max + " instead of " + (i + 1));
          }
        }
      }
    }
  }

  @Test
  void theMessageSaysWhichBoundAndWhatToDo() {
    String machine = message(new FreeMemory(2_000_000_000L, 5_000_000_000L));
    assertTrue(
        machine.contains("needs 3.0 GB for intermediate results, beside 0.5 GB of weights")
            && machine.contains("the machine has 2.0 GB free")
            && machine.contains("smaller image"),
        machine);
    String limit = message(new FreeMemory(9_000_000_000L, 2_500_000_000L));
    assertTrue(
        limit.contains("the process may take 2.5 GB more, and the machine has 9.0 GB free")
            && limit.contains("maxphysicalbytes"),
        limit);
    assertDoesNotThrow(
        () -> new FreeMemory(3_000_000_000L, Long.MAX_VALUE).check(3_000_000_000L, 0));
  }

  private static String message(FreeMemory memory) {
    return assertThrows(
            PlanTooLargeException.class, () -> memory.check(3_000_000_000L, 500_000_000L))
        .getMessage();
  }

  @Test
  void thisMachineHasSomeMemory() {
    FreeMemory now = FreeMemory.now();
    assertTrue(now.machine() > 0 && now.limit() > 0, now.toString());
  }
}

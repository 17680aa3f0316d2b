package io.github.microsam.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class PlanDescriptionTest {
  private static final long ROWS = 300;

  /** A large product, a small one of the transposed input, and an addition. */
  private static SameDiff graph() {
    SameDiff sd = SameDiff.create();
    SDVariable x = sd.placeHolder("x", DataType.FLOAT, -1, 64);
    SDVariable wide = sd.var("wide", Nd4j.rand(DataType.FLOAT, 64, 500));
    SDVariable narrow = sd.var("narrow", Nd4j.rand(DataType.FLOAT, 500, 2));
    SDVariable hidden = sd.mmul(x, wide).rename("hidden");
    sd.mmul(hidden, narrow).rename("product").add(1).rename("y");
    return sd;
  }

  @Test
  void isKnownBeforeThePlanRuns() {
    try (Engine engine = engine(false)) {
      Plan plan = engine.plan(Map.of("x", Nd4j.ones(ROWS, 64)), List.of("y"));
      PlanDescription description = plan.describe();
      assertEquals(3, description.steps());
      assertEquals(plan.arenaBytes(), description.arenaBytes());
      assertEquals(4 * (64 * 500 + 500 * 2), description.weightBytes());
      assertEquals(0, description.profiledRuns());
      PlanDescription.Part first = description.mostExpensive().get(0);
      assertEquals("matmul", first.kind());
      assertEquals(2 * ROWS * 64 * 500, first.flops());
      assertEquals(4 * (ROWS * 64 + 64 * 500 + ROWS * 500), first.bytes());
      assertTrue(first.milliseconds().isEmpty());
      assertEquals(List.of("matmul", "add_scalar"), kinds(description));
      assertEquals(2, description.kinds().get(0).steps());
      assertEquals(1, description.kinds().stream().mapToDouble(k -> k.share()).sum(), 1e-9);
    }
  }

  @Test
  void aProfileHasTheTimesOfAllCalls() {
    INDArray x = Nd4j.ones(ROWS, 64);
    try (Engine engine = engine(true)) {
      for (int i = 0; i < 3; i++) {
        engine.run(Map.of("x", x), List.of("y"));
      }
      PlanDescription description = engine.plan(Map.of("x", x), List.of("y")).describe();
      assertEquals(3, description.profiledRuns());
      double sum = 0;
      for (PlanDescription.Part step : description.mostExpensive()) {
        assertTrue(step.milliseconds().getAsDouble() > 0, step.toString());
        sum += step.milliseconds().getAsDouble();
      }
      double byKind =
          description.kinds().stream().mapToDouble(k -> k.milliseconds().getAsDouble()).sum();
      assertEquals(sum, byKind, 1e-9 * sum);
      String table = description.toString();
      assertTrue(table.contains("mean of 3 calls") && table.contains("matmul (2)"), table);
    }
  }

  @Test
  void withoutAProfileNothingIsTimed() {
    INDArray x = Nd4j.ones(ROWS, 64);
    try (Engine engine = engine(false)) {
      engine.run(Map.of("x", x), List.of("y"));
      PlanDescription description = engine.plan(Map.of("x", x), List.of("y")).describe();
      assertEquals(0, description.profiledRuns());
      assertFalse(description.toString().contains("mean of"), description.toString());
    }
  }

  private static List<String> kinds(PlanDescription description) {
    return description.kinds().stream().map(PlanDescription.Part::kind).toList();
  }

  private static Engine engine(boolean profile) {
    return new Engine(
        graph(), new Regions(), List.of(), EngineOptions.defaults().withProfile(profile));
  }
}

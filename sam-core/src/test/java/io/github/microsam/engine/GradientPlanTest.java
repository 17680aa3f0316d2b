package io.github.microsam.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.nd4j.autodiff.samediff.SDIndex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class GradientPlanTest {
  private static final double STEP = 1e-6;

  /** Three layers, each with what broadcasts, repeats, slices or reduces. */
  private static SameDiff graph() {
    Nd4j.getRandom().setSeed(3);
    SameDiff sd = SameDiff.create();
    SDVariable x = sd.placeHolder("x", DataType.DOUBLE, -1, -1, 6);
    SDVariable h = layer(sd, "first", x);
    h = layer(sd, "second", h);
    // Read twice, once by an operation with two results of which one is used.
    SDVariable[] parts = sd.unstack(sd.reshape(h, -1, 2, 3), 1, 2);
    SDVariable tail = h.get(SDIndex.all(), SDIndex.all(), SDIndex.interval(1, 4));
    SDVariable both = sd.concat(1, sd.reshape(tail, -1, 3), parts[1]);
    both.mul(both).mean(true, 1).rename("y");
    SDVariable third = layer(sd, "third", h);
    third.mul(third).sum().rename("z");
    return sd;
  }

  private static SDVariable layer(SameDiff sd, String name, SDVariable x) {
    SDVariable weight = sd.var(name + ".weight", Nd4j.rand(DataType.DOUBLE, 6, 6).subi(0.5));
    SDVariable bias = sd.var(name + ".bias", Nd4j.rand(DataType.DOUBLE, 6));
    SDVariable gain = sd.var(name + ".gain", Nd4j.rand(DataType.DOUBLE, 1, 1, 1).addi(0.5));
    SDVariable rows = sd.mmul(sd.reshape(x, -1, 6), weight, false, true, false).add(bias);
    SDVariable tokens = sd.reshape(rows, sd.shape(x)).mul(gain);
    SDVariable similar = sd.nn().softmax(sd.mmul(tokens, tokens, false, true, false), 2);
    SDVariable mixed = sd.mmul(similar, sd.math().tanh(tokens));
    return mixed.sub(mixed.mean(true, 2)).div(gain.add(2)).rename(name);
  }

  private static Map<String, INDArray> input(int n) {
    return Map.of("x", Nd4j.rand(DataType.DOUBLE, n, 4, 6));
  }

  @Test
  void gradientsOfTwoSeededOutputsAreThoseOfDifferences() {
    SameDiff sd = graph();
    Map<String, INDArray> input = input(2);
    Map<String, INDArray> seeds =
        Map.of("y", Nd4j.rand(DataType.DOUBLE, 8, 1), "z", Nd4j.scalar(0.3));
    List<String> targets =
        sd.variables().stream()
            .filter(v -> v.getVariableType().name().equals("VARIABLE") || v.name().equals("x"))
            .map(SDVariable::name)
            .toList();
    assertEquals(10, targets.size());
    try (Engine engine = new Engine(sd)) {
      GradientPlan plan = engine.gradientPlan(input, List.of("y", "z"), targets);
      Map<String, INDArray> result = plan.forward(input);
      Map<String, INDArray> expected = sd.output(input, "y", "z");
      assertEquals(List.of("y", "z"), List.copyOf(result.keySet()));
      expected.forEach((name, array) -> assertClose(name, array, result.get(name), 1e-12));
      Map<String, INDArray> gradients = plan.backward(seeds);
      assertEquals(targets, List.copyOf(gradients.keySet()));
      for (String name : targets) {
        INDArray array = name.equals("x") ? input.get("x") : sd.getArrForVarName(name);
        assertArrayEquals(array.shape(), gradients.get(name).shape(), name);
        for (long i = 0; i < array.length(); i++) {
          double value = array.getDouble(i);
          array.putScalar(i, value + STEP);
          double above = seeded(engine, input, seeds);
          array.putScalar(i, value - STEP);
          double below = seeded(engine, input, seeds);
          array.putScalar(i, value);
          double difference = (above - below) / (2 * STEP);
          assertEquals(
              difference, gradients.get(name).getDouble(i), 1e-7, name + " at element " + i);
        }
      }
    }
  }

  private static double seeded(
      Engine engine, Map<String, INDArray> input, Map<String, INDArray> seeds) {
    Map<String, INDArray> result = engine.run(input, List.of("y", "z"));
    double sum = 0;
    for (Map.Entry<String, INDArray> e : seeds.entrySet()) {
      sum += result.get(e.getKey()).mul(e.getValue()).sumNumber().doubleValue();
    }
    return sum;
  }

  @Test
  void gradientsAreThoseOfSameDiff() {
    SameDiff sd = graph();
    sd.setLossVariables("z");
    sd.createGradFunction("x");
    Map<String, INDArray> input = input(3);
    List<String> targets = List.of("x", "first.weight", "second.gain", "third.bias");
    Map<String, INDArray> expected = sd.calculateGradients(input, targets);
    try (Engine engine = new Engine(sd)) {
      Map<String, INDArray> actual = gradients(engine, input, "z", targets);
      targets.forEach(name -> assertClose(name, expected.get(name), actual.get(name), 1e-10));
    }
  }

  private static Map<String, INDArray> gradients(
      Engine engine, Map<String, INDArray> input, String output, List<String> targets) {
    GradientPlan plan = engine.gradientPlan(input, List.of(output), targets);
    plan.forward(input);
    return plan.backward(Map.of(output, Nd4j.scalar(1.0)));
  }

  @Test
  void theGraphStaysAsItWas() {
    SameDiff sd = graph();
    List<String> variables = names(sd);
    List<String> operations = List.copyOf(sd.getOps().keySet());
    Map<String, INDArray> input = input(2);
    INDArray before = sd.output(input, "z").get("z").dup();
    INDArray weight = sd.getArrForVarName("first.weight");
    try (Engine engine = new Engine(sd)) {
      gradients(engine, input, "z", List.of("first.weight"));
      assertEquals(variables, names(sd));
      assertEquals(operations, List.copyOf(sd.getOps().keySet()));
      assertSame(weight, sd.getArrForVarName("first.weight"));
      assertClose("by SameDiff", before, sd.output(input, "z").get("z"), 0);
      assertClose("by the engine", before, engine.run(input, List.of("z")).get("z"), 1e-12);
    }
    sd.getOps().values().forEach(op -> assertSame(sd, op.getOp().getSameDiff(), op.getName()));
  }

  private static List<String> names(SameDiff sd) {
    return sd.variables().stream().map(SDVariable::name).toList();
  }

  @Test
  void whatIsFrozenDoesNotRunBackward() {
    Map<String, INDArray> input = input(2);
    try (Engine engine = new Engine(graph())) {
      int last = steps(engine, input, "third.weight");
      int second = steps(engine, input, "second.weight");
      int first = steps(engine, input, "first.weight");
      int everything = steps(engine, input, "x");
      assertTrue(last < 20, last + " steps for the last layer's weight");
      String counts = last + ", " + second + ", " + first + ", " + everything;
      assertTrue(last + 10 < second && second + 10 < first && first <= everything, counts);
      GradientPlan none = engine.gradientPlan(input, List.of("y"), List.of("third.weight"));
      none.forward(input);
      assertEquals(0, none.backwardSteps());
      assertEquals(Map.of(), none.backward(Map.of()));
    }
  }

  private static int steps(Engine engine, Map<String, INDArray> input, String target) {
    return engine.gradientPlan(input, List.of("z"), List.of(target)).backwardSteps();
  }

  @Test
  void frozenLayersKeepNothing() {
    Map<String, INDArray> input = input(64);
    try (Engine engine = new Engine(graph())) {
      long last = engine.gradientPlan(input, List.of("z"), List.of("third.weight")).arenaBytes();
      long all = engine.gradientPlan(input, List.of("z"), List.of("x")).arenaBytes();
      assertTrue(3 * last < 2 * all, last + " of " + all + " bytes");
    }
  }

  @Test
  void changedWeightsAndInputsCountFromTheNextForwardPass() {
    SameDiff sd = graph();
    sd.setLossVariables("z");
    sd.createGradFunction("x");
    List<String> targets = List.of("second.weight", "x");
    try (Engine engine = new Engine(sd)) {
      GradientPlan plan = engine.gradientPlan(input(2), List.of("z"), targets);
      long bytes = plan.arenaBytes();
      for (int i = 0; i < 3; i++) {
        Map<String, INDArray> input = input(2);
        sd.getArrForVarName("second.weight").muli(1.5);
        sd.getArrForVarName("first.bias").subi(0.25);
        plan.forward(input(2)); // given up for the next one
        INDArray z = plan.forward(input).get("z");
        Map<String, INDArray> actual = plan.backward(Map.of("z", Nd4j.scalar(1.0)));
        assertClose("z", sd.output(input, "z").get("z"), z, 1e-10);
        Map<String, INDArray> expected = sd.calculateGradients(input, targets);
        targets.forEach(name -> assertClose(name, expected.get(name), actual.get(name), 1e-10));
        assertSame(plan, engine.gradientPlan(input, List.of("z"), targets));
        assertEquals(bytes, plan.arenaBytes());
      }
    }
  }

  @Test
  void outputsWithoutASeedDoNotCount() {
    SameDiff sd = graph();
    Map<String, INDArray> input = input(2);
    List<String> targets = List.of("first.weight");
    try (Engine engine = new Engine(sd)) {
      GradientPlan both = engine.gradientPlan(input, List.of("y", "z"), List.of("second"), targets);
      Map<String, INDArray> result = both.forward(input);
      assertEquals(List.of("y", "z", "second"), List.copyOf(result.keySet()));
      assertClose("second", sd.output(input, "second").get("second"), result.get("second"), 1e-12);
      INDArray actual = both.backward(Map.of("z", Nd4j.scalar(1.0))).get("first.weight").dup();
      assertClose(
          "first.weight",
          gradients(engine, input, "z", targets).get("first.weight"),
          actual,
          1e-12);
    }
  }

  @Test
  void manyShapesDoNotAccumulatePlans() {
    SameDiff sd = graph();
    Engine engine = new Engine(sd);
    GradientPlan first = engine.gradientPlan(input(1), List.of("z"), List.of("x"));
    for (int n = 2; n < 8; n++) {
      assertEquals(n, gradients(engine, input(n), "z", List.of("x")).get("x").size(0));
    }
    assertThrows(IllegalStateException.class, () -> first.forward(input(1)));
    GradientPlan last = engine.gradientPlan(input(7), List.of("z"), List.of("x"));
    last.forward(input(7));
    engine.close();
    assertThrows(IllegalStateException.class, () -> last.backward(Map.of()));
    assertFalse(sd.getArrForVarName("first.weight").wasClosed());
  }

  @Test
  void plansOfOtherShapesTakeTurnsInTheSameMemory() {
    try (Engine engine = new Engine(graph())) {
      Map<String, INDArray> large = input(9);
      Map<String, INDArray> small = input(3);
      GradientPlan first = engine.gradientPlan(large, List.of("z"), List.of("x"));
      GradientPlan second = engine.gradientPlan(small, List.of("z"), List.of("x"));
      first.forward(large);
      INDArray alone = first.backward(Map.of("z", Nd4j.scalar(1.0))).get("x").dup();
      first.forward(large);
      second.forward(small);
      assertMessage(
          "another plan of this engine", () -> first.backward(Map.of("z", Nd4j.scalar(1.0))));
      second.backward(Map.of("z", Nd4j.scalar(1.0)));
      first.forward(large);
      assertEquals(alone, first.backward(Map.of("z", Nd4j.scalar(1.0))).get("x"));
      assertSame(first, engine.gradientPlan(large, List.of("z"), List.of("x")));
    }
  }

  @Test
  void misuseIsExplained() {
    Map<String, INDArray> input = input(2);
    try (Engine engine = new Engine(graph())) {
      GradientPlan plan = engine.gradientPlan(input, List.of("z"), List.of("x"));
      assertMessage("needs a forward pass", () -> plan.backward(Map.of()));
      assertMessage("input x is missing", () -> plan.forward(Map.of()));
      assertMessage(
          "has shape [3, 4, 6]; this plan is for [2, 4, 6]", () -> plan.forward(input(3)));
      plan.forward(input);
      assertMessage(
          "seeds for [y], but the outputs are [z]",
          () -> plan.backward(Map.of("y", Nd4j.scalar(1.0))));
      assertMessage("shape", () -> plan.backward(Map.of("z", Nd4j.ones(DataType.DOUBLE, 2))));
      HashMap<String, INDArray> missing = new HashMap<>();
      missing.put("z", null);
      assertMessage("is null", () -> plan.backward(missing));
      plan.backward(Map.of("z", Nd4j.scalar(1.0)));
      assertMessage("needs a forward pass", () -> plan.backward(Map.of()));
      assertMessage(
          "respect to second", () -> engine.gradientPlan(input, List.of("z"), List.of("second")));
      assertMessage(
          "respect to nothing", () -> engine.gradientPlan(input, List.of("z"), List.of("nothing")));
    }
  }

  private static void assertMessage(String part, Executable call) {
    String message = assertThrows(RuntimeException.class, call).getMessage();
    assertTrue(message.contains(part), message);
  }

  private static void assertClose(
      String what, INDArray expected, INDArray actual, double tolerance) {
    assertArrayEquals(expected.shape(), actual.shape(), what);
    assertArrayEquals(
        expected.dup('c').data().asDouble(), actual.dup('c').data().asDouble(), tolerance, what);
  }
}

package io.github.microsam.train.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.train.array.NativeFloats;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class TrainingMathTest {

  @Test
  void warmUpRisesAndTheCosineFallsToItsFloor() {
    LearningRate rate = new LearningRate(new Schedule.WarmupCosine(3, 0.1), 1, 13);
    assertEquals(0.25, rate.at(0), 1e-12);
    assertEquals(0.75, rate.at(2), 1e-12);
    assertEquals(1, rate.at(3), 1e-12);
    assertEquals(0.55, rate.at(8), 1e-12, "half way");
    assertEquals(0.1, rate.at(13), 1e-12);
    assertEquals(0.1, rate.at(100), 1e-12);
  }

  @Test
  void warmUpRisesAndTheLinearFallIsAtTheEnd() {
    LearningRate rate = new LearningRate(new Schedule.WarmupLinear(3, 4, 0.2), 1, 20);
    assertEquals(0.25, rate.at(0), 1e-12);
    assertEquals(1, rate.at(3), 1e-12);
    assertEquals(1, rate.at(16), 1e-12);
    assertEquals(0.6, rate.at(18), 1e-12, "half way");
    assertEquals(0.2, rate.at(20), 1e-12);
    assertEquals(0.2, rate.at(100), 1e-12);
    assertEquals(
        1, new LearningRate(new Schedule.WarmupLinear(0, 0, 0), 1, 20).at(19), 1e-12, "no fall");
  }

  @Test
  void gradientsAddUpAndAreForgottenWithTheirPresence() {
    try (Gradients gradients = new Gradients()) {
      gradients.add("a", Nd4j.createFromArray(3f, 0f));
      gradients.add("a", Nd4j.createFromArray(0f, 2f));
      gradients.add("b", Nd4j.createFromArray(2f, 2f, 2f, 2f, 2f).reshape(5, 1));
      assertEquals(Math.sqrt(9 + 4 + 20), gradients.norm(), 1e-9);
      gradients.clear();
      assertEquals(0, gradients.norm());
      gradients.add("a", Nd4j.createFromArray(1f, 1f));
      assertEquals(1, gradients.sums().size());
      assertArrayEquals(new float[] {1, 1}, NativeFloats.read(gradients.sums().get("a")));
    }
  }

  @Test
  void theAverageFollowsAndCanTakeTheWeightsPlace() {
    INDArray weight = Nd4j.zeros(5000);
    try (MovingAverage average = new MovingAverage(0.5, Map.of("w", weight))) {
      weight.assign(11);
      average.update();
      // The first update keeps 2/11.
      assertEquals(9, average.averages().get("w").getFloat(4999), 1e-5);
      average.exchange();
      assertEquals(9, weight.getFloat(17), 1e-5);
      average.exchange();
      assertEquals(11, weight.getFloat(17), 1e-5);
    }
  }

  @Test
  void aRateFactorChangesTheStepOfItsParameterOnly() {
    INDArray a = Nd4j.zeros(1);
    INDArray b = Nd4j.zeros(1);
    try (Optimizer optimizer =
        new Optimizer(
            new UpdateRule.Sgd(1, 0, 0), Map.of("a", a, "b", b), k -> k.equals("b") ? 4 : 1)) {
      optimizer.step(Map.of("a", Nd4j.ones(1), "b", Nd4j.ones(1)), 0.5, 0.1);
    }
    assertEquals(-0.05, a.getFloat(0), 1e-7);
    assertEquals(-0.2, b.getFloat(0), 1e-7);
    assertTrue(a.getFloat(0) > b.getFloat(0));
  }
}

package io.github.microsam.train.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StableRandomTest {

  /** Of a plain implementation of SplitMix64 in Python: the same on every machine. */
  @Test
  void numbersAreThoseOfSplitMix() {
    StableRandom random = StableRandom.of(7);
    assertEquals(0xb8b4c2977eabce45L, random.nextLong());
    assertEquals(0xa65305fd338ec8feL, random.nextLong());
  }

  @Test
  void pathsGiveIndependentSequences() {
    Set<Long> firsts = new HashSet<>();
    for (int epoch = 0; epoch < 100; epoch++) {
      for (int index = 0; index < 100; index++) {
        firsts.add(StableRandom.of(3, epoch, index).nextLong());
      }
    }
    assertEquals(10_000, firsts.size());
    assertNotEquals(StableRandom.of(3, 1, 0).nextLong(), StableRandom.of(3, 1).nextLong());
  }

  @Test
  void drawsAreSpreadAsTheyShould() {
    StableRandom random = StableRandom.of(11);
    int n = 100_000;
    int[] dice = new int[6];
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      dice[random.nextInt(6)]++;
      double g = random.nextGaussian();
      sum += g;
      squares += g * g;
    }
    for (int side = 0; side < 6; side++) {
      assertEquals(n / 6.0, dice[side], 500, "side " + side);
    }
    assertEquals(0, sum / n, 0.013, "mean");
    assertEquals(1, squares / n, 0.02, "variance");
  }
}

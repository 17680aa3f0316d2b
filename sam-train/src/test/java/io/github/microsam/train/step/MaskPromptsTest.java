package io.github.microsam.train.step;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.microsam.train.data.StableRandom;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MaskPromptsTest {
  private static final int DRAWS = 4000;

  @Test
  void masksArePromptsOfEachImageByItself() {
    int[] counts = new int[4]; // by which of two images have them
    StableRandom random = StableRandom.of(1);
    for (int i = 0; i < DRAWS; i++) {
      Set<Integer> drawn = InteractiveStep.drawn(List.of(0, 1), 0.5, random);
      counts[(drawn.contains(0) ? 1 : 0) + (drawn.contains(1) ? 2 : 0)]++;
    }
    for (int count : counts) {
      assertEquals(0.25, (double) count / DRAWS, 0.03);
    }
  }

  @Test
  void theProbabilityCanBeNoneOrAll() {
    StableRandom random = StableRandom.of(2);
    for (int i = 0; i < 100; i++) {
      assertEquals(Set.of(), InteractiveStep.drawn(List.of(0, 3), 0, random));
      assertEquals(Set.of(0, 3), InteractiveStep.drawn(List.of(0, 3), 1, random));
    }
  }
}

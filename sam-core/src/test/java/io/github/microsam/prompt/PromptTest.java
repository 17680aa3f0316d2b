package io.github.microsam.prompt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class PromptTest {
  @Test
  void partsOfAPromptAreCombinedInTheirOrder() {
    Prompt prompt = Prompt.point(1, 2).and(Prompt.box(0, 0, 9, 9)).and(Prompt.negative(3, 4));
    assertEquals(
        List.of(new Prompt.Point(1, 2, true), new Prompt.Point(3, 4, false)), prompt.points());
    assertEquals(new Prompt.Box(0, 0, 9, 9), prompt.box().orElseThrow());
    assertEquals(
        Prompt.points(new double[][] {{1, 2}, {3, 4}}, new int[] {1, 0})
            .and(Prompt.box(0, 0, 9, 9)),
        prompt);
  }

  @Test
  void promptsThatNeverMakeSenseAreRefused() {
    assertRefused("needs one", () -> Prompt.points(new double[][] {{1, 2}}, new int[] {1, 0}));
    assertRefused("label 2", () -> Prompt.points(new double[][] {{1, 2}}, new int[] {2}));
    assertRefused("3 coordinates", () -> Prompt.points(new double[][] {{1, 2, 3}}, new int[] {1}));
    assertRefused("at least one", () -> Prompt.points(List.of()));
    assertRefused("at least one", () -> Prompt.points(new double[0][], new int[0]));
    assertRefused("nowhere", () -> Prompt.point(Double.NaN, 1));
    assertRefused("left of and above", () -> Prompt.box(9, 0, 3, 5));
    assertRefused("left of and above", () -> Prompt.box(1, 5, 3, 5));
    assertRefused("nowhere", () -> Prompt.box(1, 5, 3, Double.POSITIVE_INFINITY));
    assertRefused("Two boxes", () -> Prompt.box(0, 0, 1, 1).and(Prompt.box(0, 0, 2, 2)));
    assertRefused("3 logits", () -> new MaskLogits(new float[3], 2));
    assertRefused("(1, 0)", () -> new MaskLogits(new float[] {0, Float.NaN, 0, 0}, 2));
  }

  private static void assertRefused(String message, Executable action) {
    PromptException e = assertThrows(PromptException.class, action);
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }
}

package io.github.microsam.train.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.microsam.golden.Golden;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainingTargetsTest {

  @Test
  void distancesAreThoseOfTheTrainingStep() {
    Golden golden = Golden.open("train_step");
    float[] targets = new DistanceTargets(0).of(golden.array("labels").ints(), 160, 128);
    // Two roundings of the quotients of float32; the manifest has no tolerance for an input.
    golden.assertMatches("unetr_target", golden.array("unetr_target").values(), targets, 1.2e-7);
  }

  @Test
  void boundariesAreThoseOfTheReference() {
    Golden golden = Golden.open("label_transforms");
    int[] labels = golden.array("labels").ints();
    float[] targets = new BoundaryTargets().of(labels, 128, 96);
    for (int i = 0; i < labels.length; i++) {
      assertEquals(labels[i] == 0 ? 0 : 1, targets[i], "foreground at " + i);
    }
    golden.assertMatches(
        "boundaries_thick",
        new long[] {96, 128},
        Arrays.copyOfRange(targets, labels.length, 2 * labels.length));
  }

  @Test
  void affinitiesSayWhereLabelsDiffer() {
    int[] labels = {
      1, 1, 2, //
      0, 1, 2
    };
    AffinityTargets targets =
        new AffinityTargets(
            List.of(new AffinityTargets.Offset(-1, 0), new AffinityTargets.Offset(0, -1)), true);
    float[] expected = {
      1, 1, 1, 0, 1, 1, // foreground
      1, 0, 1, 1, 1, 1, // left neighbour differs, or is outside
      1, 1, 1, 1, 0, 0, // upper neighbour
      1, 1, 1, 1, 1, 1, // mask of the foreground
      0, 1, 1, 0, 1, 1, // left neighbour is inside
      0, 0, 0, 1, 1, 1
    };
    assertEquals(6, targets.channels());
    assertEquals(floats(expected), floats(targets.of(labels, 3, 2)));
    assertEquals(18, AffinityTargets.defaults().channels());
  }

  private static List<Float> floats(float[] values) {
    Float[] boxed = new Float[values.length];
    Arrays.setAll(boxed, i -> values[i]);
    return List.of(boxed);
  }
}

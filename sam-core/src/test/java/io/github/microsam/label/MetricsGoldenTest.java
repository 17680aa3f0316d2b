package io.github.microsam.label;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.microsam.golden.Golden;
import java.util.Locale;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.integer.IntType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The set {@code metrics}. */
class MetricsGoldenTest {
  private static final double EXACT = 1e-15;

  @ParameterizedTest
  @ValueSource(strings = {"identical", "shift2", "erode", "merged", "split", "empty", "mixed"})
  void scoresAreTheReferences(String name) {
    Golden golden = Golden.open("metrics");
    RandomAccessibleInterval<IntType> truth = Images.labels(golden.array("gt"));
    RandomAccessibleInterval<IntType> predicted = Images.labels(golden.array("pred_" + name));
    JsonObject expected = golden.scalars().getAsJsonObject(name);

    SegmentationAccuracy accuracy = SegmentationAccuracy.of(predicted, truth);
    JsonArray accuracies = expected.getAsJsonArray("accuracies");
    assertEquals(accuracies.size(), accuracy.accuracies().size());
    for (int i = 0; i < accuracies.size(); i++) {
      assertEquals(
          accuracies.get(i).getAsDouble(),
          accuracy.accuracies().get(i),
          EXACT,
          "accuracy at " + accuracy.thresholds().get(i));
    }
    assertEquals(expected.get("msa").getAsDouble(), accuracy.mean(), EXACT, "msa");

    LabelOverlap overlap = LabelOverlap.of(predicted, truth);
    JsonObject at05 = expected.getAsJsonObject("matching_05");
    for (MatchCriterion criterion : MatchCriterion.values()) {
      String key = criterion.name().toLowerCase(Locale.ROOT);
      if (at05.has(key)) { // the empty prediction has IoU only
        assertScores(at05.getAsJsonObject(key), Matching.of(overlap, 0.5, criterion), key);
      }
    }
    assertScores(
        expected.getAsJsonObject("matching_075"),
        Matching.of(overlap, 0.75, MatchCriterion.IOU),
        "iou at 0.75");
  }

  private static void assertScores(JsonObject expected, Matching actual, String what) {
    assertEquals(expected.get("precision").getAsDouble(), actual.precision(), EXACT, what);
    assertEquals(expected.get("recall").getAsDouble(), actual.recall(), EXACT, what);
    assertEquals(
        expected.get("segmentation_accuracy").getAsDouble(),
        actual.segmentationAccuracy(),
        EXACT,
        what);
    assertEquals(expected.get("f1").getAsDouble(), actual.f1(), EXACT, what);
  }
}

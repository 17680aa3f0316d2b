package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.microsam.golden.Golden;
import io.github.microsam.weights.VitConfig;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The small vision transformer of the fixtures, stage by stage, through plain SameDiff. */
class VitEncoderGoldenTest {
  static final VitConfig SMALL = new VitConfig(256, 16, 48, 4, 4, 192, 7, List.of(1, 3), 32);

  private final Golden golden = Golden.open("small_encoder");

  @Test
  void everyStageIsThatOfTheFixtures() {
    SameDiff sd = ImageEncoder.build(SMALL, new FillWeights());
    Map<String, String> activations = new TreeMap<>();
    for (SDVariable v : sd.variables()) {
      activations.put(arrayOf(v.name()), v.name());
    }
    // The neck's last layer gives what the neck and the encoder give.
    activations.put("neck", "embedding");
    Set<String> stages = new TreeSet<>(golden.names());
    stages.removeIf(name -> !name.matches("patch_embed|block.*|neck.*|embedding"));
    activations.keySet().retainAll(stages);
    assertEquals(stages, activations.keySet());

    Map<String, INDArray> out =
        sd.output(
            Map.of("image", Goldens.array(golden, "input")),
            activations.values().toArray(new String[0]));
    activations.forEach(
        (array, activation) -> Goldens.assertMatches(golden, array, out.get(activation)));
  }

  /** The fixtures call {@code image_encoder.blocks.0.mlp.lin1} {@code block0_mlp_lin1}. */
  private static String arrayOf(String activation) {
    return activation
        .replaceFirst("^image_encoder\\.", "")
        .replaceFirst("^blocks\\.", "block")
        .replace('.', '_');
  }

  @Test
  void windowsAreThoseOfTheFixtures() {
    Scope s = Scope.root(new FillWeights());
    WindowPartition windows = new WindowPartition(9, 10, 3, 4);
    SDVariable in = s.sd().placeHolder("in", DataType.FLOAT, -1, 9, 10, 3);
    SDVariable parts = windows.partition(s, in);
    SDVariable back = windows.reverse(s, parts);
    INDArray x = Goldens.array(golden, "win_in");
    Map<String, INDArray> out = s.sd().output(Map.of("in", x), parts.name(), back.name());
    assertEquals(Goldens.array(golden, "win_parts"), out.get(parts.name()));
    assertEquals(x, out.get(back.name()));
  }

  @ParameterizedTest
  @CsvSource({"7, 7", "16, 16", "5, 5", "8, 4", "4, 8", "7, 3"})
  void relativePositionsAreThoseOfTheFixtures(int queries, int keys) {
    Scope s = Scope.root(new FillWeights());
    SDVariable table = s.sd().constant("table", Goldens.array(golden, "relpos_table"));
    SDVariable pairs = RelativePosition.add(s.at("pairs"), table, 13, 5, queries, keys);
    String name = "relpos_q" + queries + "_k" + keys;
    Goldens.assertMatches(golden, name, pairs.eval());
  }

  @Test
  void aBatchGivesWhatEachImageGivesAlone() {
    SameDiff sd = ImageEncoder.build(SMALL, new FillWeights());
    INDArray first = Goldens.array(golden, "input");
    INDArray second = first.mul(-0.5);
    INDArray both = sd.outputSingle(Map.of("image", Nd4j.concat(0, first, second)), "embedding");
    INDArray alone = sd.outputSingle(Map.of("image", second), "embedding");
    double difference = both.slice(1).sub(alone.slice(0)).amaxNumber().doubleValue();
    assertEquals(0, difference, golden.tolerance("embedding"));
  }
}

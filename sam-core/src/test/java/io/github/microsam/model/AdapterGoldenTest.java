package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.microsam.golden.Golden;
import io.github.microsam.weights.Adapter;
import io.github.microsam.weights.VitConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The small vision transformer with the layers of parameter-efficient fine-tuning. */
class AdapterGoldenTest {
  private static final List<Integer> ALL = List.of(0, 1, 2, 3);

  private final Golden golden = Golden.open("small_peft");

  static Stream<Arguments> adapters() {
    return Stream.of(
        Arguments.of("lora", new Adapter.LoRa(4, List.of("q", "v"), ALL)),
        Arguments.of("lora_qkv_mlp", new Adapter.LoRa(3, List.of("q", "k", "v", "mlp"), ALL)),
        Arguments.of("lora_last2", new Adapter.LoRa(4, List.of("q", "v"), List.of(2, 3))),
        Arguments.of("fact", new Adapter.FacT(4, ALL)),
        Arguments.of("ssf", new Adapter.ScaleShift(ALL)),
        Arguments.of("adaptformer", new Adapter.AdaptFormer(8, true, ALL)));
  }

  @ParameterizedTest
  @MethodSource("adapters")
  void theEmbeddingIsThatOfTheFixtures(String name, Adapter adapter) {
    FillWeights weights = new FillWeights();
    SameDiff sd = ImageEncoder.build(VitEncoderGoldenTest.SMALL, adapter, weights);
    assertEquals(expectedKeys(name), addedKeys(weights));
    INDArray image = Goldens.array(Golden.open("small_encoder"), "input");
    INDArray embedding = sd.outputSingle(Map.of("image", image), "embedding");
    Goldens.assertMatches(golden, name + "__embedding", embedding);
  }

  /**
   * Keys and shapes of the first block that plain models do not have, as the fixtures list them.
   */
  private Set<String> expectedKeys(String name) {
    TreeSet<String> keys = new TreeSet<>();
    golden
        .scalars()
        .getAsJsonArray(name + "_new_keys_first_block")
        .forEach(key -> keys.add(key.getAsString()));
    return keys;
  }

  private static Set<String> addedKeys(FillWeights weights) {
    FillWeights plain = new FillWeights();
    ImageEncoder.build(VitEncoderGoldenTest.SMALL, plain);
    TreeSet<String> keys = new TreeSet<>();
    weights
        .shapes()
        .forEach(
            (key, shape) -> {
              if (key.startsWith("image_encoder.blocks.0.") && !plain.shapes().containsKey(key)) {
                keys.add(key + " " + Arrays.toString(shape));
              }
            });
    return keys;
  }

  @ParameterizedTest
  @MethodSource("adapters")
  void gradientsAreThoseOfCentralDifferences(String name, Adapter adapter) {
    VitConfig config = new VitConfig(8, 2, 6, 1, 2, 8, 2, List.of(0), 3);
    Adapter first =
        adapter instanceof Adapter.LoRa lora
            ? new Adapter.LoRa(lora.rank(), lora.matrices(), List.of(0))
            : adapter;
    Scope root = new Scope(SameDiff.create(), DataType.DOUBLE, GradientCheck.weights(), "");
    SDVariable image = root.sd().placeHolder("image", DataType.DOUBLE, -1, 3, 8, 8);
    SDVariable embedding = ImageEncoder.add(root.at("e"), image, config, first);
    INDArray x = GradientCheck.array(new Random(3), DataType.DOUBLE, 1, 3, 8, 8);
    GradientCheck.assertGradients(root.sd(), Map.of("image", x), embedding.name());
  }

  @Test
  void anAlphaThatIsInNoCheckpointIsRefused() {
    Adapter adapter = new Adapter.AdaptFormer(8, false, ALL);
    assertThrows(
        IllegalArgumentException.class,
        () -> ImageEncoder.build(VitEncoderGoldenTest.SMALL, adapter, new FillWeights()));
  }
}

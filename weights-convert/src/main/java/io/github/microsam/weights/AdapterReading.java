package io.github.microsam.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tells plain weights from parameter-efficient layers, both under their canonical keys. */
final class AdapterReading {
  /** A plain layer that a surgery has wrapped: the name of the attribute that holds it. */
  private static final Pattern WRAPPED =
      Pattern.compile(
          "(image_encoder\\..+)\\.(?:(?<=attn\\.qkv\\.)qkv_proj|(?<=\\.mlp\\.)mlp_(?:layer|proj)|layer)"
              + "(\\..+)");

  private static final Pattern PARAMETER =
      Pattern.compile(
          "image_encoder\\..+\\.(?:w_[ab]_linear_[qkv12]\\.weight|(?:[qv]_FacTs|FacT[uv])\\.weight"
              + "|scale|shift|(?:mlp\\.(?:down_proj|up_proj)\\.(?:weight|bias)|mlp\\.alpha))");

  private static final Pattern BLOCK = Pattern.compile("image_encoder\\.blocks\\.(\\d+)\\..*");

  private static final Pattern LORA = Pattern.compile(".*\\.w_a_linear_([qkv12])\\.weight");

  /** Parameters of the layers under their keys. */
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();

  /** The frozen weights under the keys that they have without adapters. */
  private final Map<String, Tensor> plain = new LinkedHashMap<>();

  AdapterReading(Map<String, Tensor> tensors) {
    tensors.forEach(
        (key, tensor) -> {
          if (PARAMETER.matcher(key).matches()) {
            parameters.put(key, tensor);
          } else {
            String plainKey = plainKey(key);
            plain.put(plainKey, plainKey.equals(key) ? tensor : tensor.renamed(plainKey));
          }
        });
  }

  private static String plainKey(String key) {
    Matcher m = WRAPPED.matcher(key);
    return m.matches() ? m.group(1) + m.group(2) : key;
  }

  Map<String, Tensor> plain() {
    return plain;
  }

  Map<String, Tensor> parameters() {
    return parameters;
  }

  Optional<Adapter> adapter() {
    if (parameters.isEmpty()) {
      return Optional.empty();
    }
    if (any(key -> key.endsWith(".FacTu.weight"))) {
      return Optional.of(new Adapter.FacT(rows(key -> key.endsWith(".FacTu.weight")), blocks()));
    }
    if (any(key -> LORA.matcher(key).matches())) {
      return Optional.of(
          new Adapter.LoRa(rows(key -> LORA.matcher(key).matches()), matrices(), blocks()));
    }
    if (any(key -> key.endsWith(".mlp.down_proj.weight"))) {
      return Optional.of(
          new Adapter.AdaptFormer(
              rows(key -> key.endsWith(".mlp.down_proj.weight")),
              any(key -> key.endsWith(".mlp.alpha")),
              blocks()));
    }
    if (any(key -> key.endsWith(".scale"))) {
      return Optional.of(new Adapter.ScaleShift(blocks()));
    }
    throw new CheckpointException(
        "There are parts of parameter-efficient layers that belong to none of LoRA, FacT, SSF and"
            + " AdaptFormer: "
            + String.join(", ", parameters.keySet()));
  }

  private boolean any(Predicate<String> condition) {
    return parameters.keySet().stream().anyMatch(condition);
  }

  /** First axis of the parameters that fit, which must all agree. */
  private int rows(Predicate<String> condition) {
    TreeSet<Long> rows = new TreeSet<>();
    parameters.forEach(
        (key, tensor) -> {
          if (condition.test(key) && tensor.shape().length == 2) {
            rows.add(tensor.shape()[0]);
          }
        });
    if (rows.size() != 1) {
      throw new CheckpointException(
          "Parameter-efficient layers of different or no ranks, " + rows + ", are not supported");
    }
    return Math.toIntExact(rows.first());
  }

  private List<String> matrices() {
    Set<String> adapted =
        parameters.keySet().stream()
            .map(LORA::matcher)
            .filter(Matcher::matches)
            .map(m -> "12".contains(m.group(1)) ? "mlp" : m.group(1))
            .collect(Collectors.toSet());
    return Stream.of("q", "k", "v", "mlp").filter(adapted::contains).toList();
  }

  private List<Integer> blocks() {
    return parameters.keySet().stream()
        .map(BLOCK::matcher)
        .filter(Matcher::matches)
        .map(m -> Integer.valueOf(m.group(1)))
        .distinct()
        .sorted()
        .toList();
  }
}

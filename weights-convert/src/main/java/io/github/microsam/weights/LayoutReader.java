package io.github.microsam.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Brings the tensors of a checkpoint in any known layout under the canonical keys. */
final class LayoutReader {
  static final String IMAGE_ENCODER = "image_encoder.";
  static final String PROMPT_ENCODER = "prompt_encoder.";
  static final String MASK_DECODER = "mask_decoder.";

  /** Keys of a UNETR that are not its encoder (torch_em/model/unetr.py). */
  private static final Pattern UNETR_DECODER =
      Pattern.compile("(base|decoder|deconv\\d+|deconv_out|decoder_head|out_conv)\\..+");

  /** Dictionaries that hold a state dict beside other things. */
  private static final Set<String> MODEL_SECTIONS =
      Set.of("model_state", "state_dict", "model", "model_state_dict");

  private static final String DECODER_SECTION = "decoder_state";

  /** Put before keys by DataParallel, by torch.compile and by micro-sam's training. */
  private static final Pattern WRAPPERS = Pattern.compile("(?:module\\.|_orig_mod\\.|sam\\.)+");

  private final Map<String, Tensor> canonical = new LinkedHashMap<>();
  private final List<String> collisions = new ArrayList<>();
  private boolean sectioned;
  private boolean samPrefix;
  private boolean unetr;

  private LayoutReader() {}

  /** The tensors under their canonical keys, and what the layout was. */
  record Reading(Map<String, Tensor> tensors, Layout layout) {}

  /**
   * Reads any known layout.
   *
   * @throws CheckpointException if there are no weights of a SAM among the tensors
   */
  static Reading read(Map<String, Tensor> tensors) {
    LayoutReader reader = new LayoutReader();
    reader.sectioned = tensors.keySet().stream().anyMatch(LayoutReader::isInSection);
    tensors.values().forEach(reader::add);
    if (!reader.collisions.isEmpty()) {
      throw new CheckpointException(
          "Different tensors have the same key once prefixes are removed: "
              + String.join(", ", reader.collisions)
              + "; the file holds more than one model");
    }
    return new Reading(reader.canonical, reader.layout(tensors));
  }

  static boolean isUnetrDecoder(String key) {
    return UNETR_DECODER.matcher(key).matches();
  }

  static boolean isSam(String key) {
    return key.startsWith(IMAGE_ENCODER)
        || key.startsWith(PROMPT_ENCODER)
        || key.startsWith(MASK_DECODER);
  }

  private static boolean isInSection(String name) {
    String section = section(name);
    return MODEL_SECTIONS.contains(section) || section.equals(DECODER_SECTION);
  }

  private static String section(String name) {
    int slash = name.indexOf('/');
    return slash < 0 ? "" : name.substring(0, slash);
  }

  private void add(Tensor tensor) {
    String name = tensor.name();
    if (sectioned && !isInSection(name)) {
      return; // the state of optimizers, schedulers and random numbers
    }
    String wrapped = sectioned ? name.substring(name.indexOf('/') + 1) : name;
    String key = WRAPPERS.matcher(wrapped).lookingAt() ? unwrap(wrapped) : wrapped;
    if (key.startsWith("encoder.")) {
      if (section(name).equals(DECODER_SECTION)) {
        return; // a second copy of the image encoder
      }
      unetr = true;
      key = "image_" + key;
    }
    if (canonical.putIfAbsent(key, tensor.renamed(key)) != null) {
      collisions.add(name);
    }
  }

  private String unwrap(String wrapped) {
    String key = WRAPPERS.matcher(wrapped).replaceFirst("");
    samPrefix |= wrapped.substring(0, wrapped.length() - key.length()).contains("sam.");
    return key;
  }

  private Layout layout(Map<String, Tensor> tensors) {
    boolean sam = canonical.keySet().stream().anyMatch(LayoutReader::isSam);
    boolean decoder = canonical.keySet().stream().anyMatch(LayoutReader::isUnetrDecoder);
    if (!sam && !decoder) {
      throw new CheckpointException(
          "There are no weights of a Segment Anything model: expected keys such as"
              + " image_encoder.pos_embed, mask_decoder.iou_token.weight or out_conv.weight, found "
              + (tensors.isEmpty() ? "no tensors" : tensors.keySet().stream().limit(5).toList()));
    }
    if (unetr) {
      return Layout.UNETR;
    }
    if (!sam) {
      return Layout.DECODER;
    }
    if (sectioned) {
      return samPrefix ? Layout.MICRO_SAM_TRAINING : Layout.MICRO_SAM_EXPORT;
    }
    return decoder ? Layout.FLAT : Layout.SAM;
  }
}

package io.github.microsam.weights;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.Optional;

/**
 * The architecture of the parts of a model that a checkpoint holds. A decoder-only file has just a
 * {@code unetr}, a checkpoint of training for automatic segmentation has no {@code maskDecoder}.
 *
 * @param encoder the image encoder
 * @param maskDecoder prompt encoder and mask decoder
 * @param unetr the decoder for automatic segmentation
 */
public record ModelParts(
    Optional<EncoderConfig> encoder,
    Optional<MaskDecoderConfig> maskDecoder,
    Optional<UnetrConfig> unetr) {

  /** No parts at all. */
  static final ModelParts NONE =
      new ModelParts(Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * The name of the architecture.
   *
   * @return {@link EncoderConfig#modelType()}, or {@code decoder} where there is no image encoder
   */
  public String modelType() {
    return encoder.map(EncoderConfig::modelType).orElse("decoder");
  }

  /**
   * The architecture of a whole model.
   *
   * @return the configuration
   * @throws CheckpointException if the image encoder or the mask decoder is missing
   */
  public SamConfig toSamConfig() {
    if (encoder.isEmpty() || maskDecoder.isEmpty()) {
      throw new CheckpointException(
          "The checkpoint is not a whole model: it has "
              + (encoder.isPresent() ? "an image encoder, " : "no image encoder, ")
              + (maskDecoder.isPresent() ? "a mask decoder" : "no mask decoder")
              + (unetr.isPresent() ? " and a decoder for automatic segmentation" : "")
              + "; combine it with a base model that has what is missing");
    }
    return new SamConfig(encoder.get(), maskDecoder.get(), unetr);
  }

  /**
   * The architecture as a JSON object, what this library writes into the metadata of safetensors
   * files.
   *
   * @return one line of JSON
   */
  public String toJson() {
    Gson gson = new Gson();
    JsonObject json = new JsonObject();
    encoder.ifPresent(
        e -> json.add(e instanceof VitConfig ? "vit" : "tiny_vit", gson.toJsonTree(e)));
    maskDecoder.ifPresent(m -> json.add("mask_decoder", gson.toJsonTree(m)));
    unetr.ifPresent(u -> json.add("unetr", gson.toJsonTree(u)));
    return gson.toJson(json);
  }

  /**
   * The opposite of {@link #toJson}.
   *
   * @param json a JSON object
   * @return the architecture
   * @throws CheckpointException if that is not such an object
   */
  public static ModelParts fromJson(String json) {
    try {
      JsonObject object = JsonParser.parseString(json).getAsJsonObject();
      Optional<EncoderConfig> encoder =
          part(object, "vit", VitConfig.class)
              .<EncoderConfig>map(v -> v)
              .or(() -> part(object, "tiny_vit", TinyVitConfig.class));
      return new ModelParts(
          encoder,
          part(object, "mask_decoder", MaskDecoderConfig.class),
          part(object, "unetr", UnetrConfig.class));
    } catch (RuntimeException e) { // whatever a parser or a record's constructor throws
      throw new CheckpointException("This is not the configuration of a model: " + json, e);
    }
  }

  private static <T> Optional<T> part(JsonObject object, String name, Class<T> type) {
    JsonElement json = object.get(name);
    return Optional.ofNullable(json == null ? null : new Gson().fromJson(json, type));
  }
}

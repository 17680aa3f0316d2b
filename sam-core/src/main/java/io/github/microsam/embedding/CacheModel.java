package io.github.microsam.embedding;

import io.github.microsam.model.SamModel;
import java.util.Optional;

/**
 * What a cache tells of the model that made its embeddings.
 *
 * @param type {@code vit_b}, {@code vit_l}, {@code vit_h} or {@code vit_t}
 * @param name a published model's name, or the type
 * @param fileHash xxh128 of the checkpoint, 32 hexadecimal digits, by which micro-sam knows a model
 * @param fingerprint {@link SamModel#encoderFingerprint()}
 * @param imageSize side of the encoder's input in pixels, 1024 for published models
 */
public record CacheModel(
    String type, String name, Optional<String> fileHash, String fingerprint, int imageSize) {

  /**
   * A model that is open.
   *
   * @param model the model
   * @param name a published model's name; the type for others
   * @param fileHash xxh128 of the checkpoint if it is known
   * @return what a cache tells of it
   */
  public static CacheModel of(SamModel model, String name, Optional<String> fileHash) {
    return new CacheModel(
        model.config().encoder().modelType(),
        name,
        fileHash,
        model.encoderFingerprint(),
        model.config().encoder().imageSize());
  }

  CacheModel withImageSize(int side) {
    return new CacheModel(type, name, fileHash, fingerprint, side);
  }

  /**
   * A model that is open, of which nothing else is known.
   *
   * @param model the model
   * @return what a cache tells of it; its name is its type
   */
  public static CacheModel of(SamModel model) {
    return of(model, model.config().encoder().modelType(), Optional.empty());
  }
}

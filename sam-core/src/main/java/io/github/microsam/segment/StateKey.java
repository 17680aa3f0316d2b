package io.github.microsam.segment;

import io.github.microsam.embedding.EmbeddingCache;
import io.github.microsam.embedding.TileEmbeddings;
import io.github.microsam.image.Tiling;
import io.github.microsam.model.SamModel;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a segmenter's state depends on.
 *
 * @param facts by name, in an order of their own; none where a state was written by itself
 */
record StateKey(Map<String, String> facts) {
  static final StateKey NONE = new StateKey(Map.of());

  /** Of maps of the decoder: pixels, model and how they are given to it. */
  static StateKey ofMaps(EmbeddingCache cache, int slice, SamModel model) {
    TileEmbeddings tiles = cache.embeddings(slice);
    Tiling tiling = tiles.tiling();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("data_signature", cache.dataSignature().orElse("unknown"));
    facts.put("slice", Integer.toString(slice));
    facts.put("model", model.fingerprint());
    facts.put("encoder", model.encoderFingerprint());
    facts.put("precision", model.options().precision().toString());
    facts.put("image_size", Integer.toString(cache.imageSize()));
    facts.put("shape", pair(tiling.height(), tiling.width()));
    facts.put("tile_shape", pair(tiling.tileHeight(), tiling.tileWidth()));
    facts.put("halo", pair(tiling.haloY(), tiling.haloX()));
    long skipped = IntStream.range(0, tiling.count()).filter(tiles::isSkipped).count();
    facts.put("tiles_left_out", Long.toString(skipped));
    return new StateKey(facts);
  }

  /** Of masks of a grid: as maps, and which points are asked. */
  static StateKey ofMasks(
      EmbeddingCache cache, int slice, SamModel model, PointGridOptions options) {
    Map<String, String> facts = ofMaps(cache, slice, model).facts;
    facts.put("points_per_side", Integer.toString(options.pointsPerSide()));
    facts.put("crop_layers", Integer.toString(options.cropLayers()));
    facts.put("stability_offset", Double.toString(options.stabilityOffset()));
    return new StateKey(facts);
  }

  private static String pair(int y, int x) {
    return "[" + y + "," + x + "]";
  }

  /** Says what is other than it should be, if something is. */
  Optional<String> difference(StateKey expected) {
    return expected.facts.entrySet().stream()
        .filter(fact -> !fact.getValue().equals(facts.get(fact.getKey())))
        .findFirst()
        .map(
            fact ->
                "its %s is %s, expected %s"
                    .formatted(fact.getKey(), facts.get(fact.getKey()), fact.getValue()));
  }

  void write(DataOutputStream out) throws IOException {
    out.writeInt(facts.size());
    for (Map.Entry<String, String> fact : facts.entrySet()) {
      out.writeUTF(fact.getKey());
      out.writeUTF(fact.getValue());
    }
  }

  static StateKey read(DataInputStream in) throws IOException {
    Map<String, String> facts = new LinkedHashMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      facts.put(in.readUTF(), in.readUTF());
    }
    return new StateKey(facts);
  }
}

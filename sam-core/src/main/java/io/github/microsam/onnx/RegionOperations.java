package io.github.microsam.onnx;

import io.github.microsam.engine.Region;
import io.github.microsam.engine.Regions;
import java.util.List;

/** The regions for which ONNX has an operation. */
final class RegionOperations {
  private RegionOperations() {}

  static boolean knows(String kind) {
    return kind.equals(Regions.LAYER_NORM);
  }

  static void translate(Region region, GraphTranslation t) {
    String output = region.output().name();
    double epsilon = (double) region.attributes().get("epsilon");
    t.define(
        output,
        t.target()
            .add(
                "LayerNormalization",
                t.wish(output),
                region.inputNames().stream().map(t::value).toList(),
                List.of(Attributes.of("axis", -1), Attributes.of("epsilon", (float) epsilon))));
  }
}

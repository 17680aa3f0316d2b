package io.github.microsam.onnx;

import io.github.microsam.engine.Region;
import io.github.microsam.engine.Regions;
import java.util.List;
import java.util.Set;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The regions for which ONNX has an operation. Not among them is its InstanceNormalization: ONNX
 * Runtime 1.29 adds up a million pixels in single precision, and maps come out 4e-4 off.
 */
final class RegionOperations {
  private static final Set<String> KNOWN = Set.of(Regions.LAYER_NORM, Regions.DOUBLING);

  private final Region region;
  private final GraphTranslation t;
  private final String wish;

  private RegionOperations(Region region, GraphTranslation t) {
    this.region = region;
    this.t = t;
    wish = t.wish(region.output().name());
  }

  static boolean knows(String kind) {
    return KNOWN.contains(kind);
  }

  /** Adds a region whose inputs have been translated. */
  static void translate(Region region, GraphTranslation t) {
    RegionOperations r = new RegionOperations(region, t);
    List<String> inputs = region.inputNames().stream().map(t::value).toList();
    String result =
        switch (region.kind()) {
          case Regions.LAYER_NORM -> r.layerNorm(inputs);
          case Regions.DOUBLING -> r.doubling(inputs.get(0));
          default -> throw new IllegalArgumentException(region.kind());
        };
    t.define(region.output().name(), result);
  }

  private String layerNorm(List<String> inputs) {
    return t.target()
        .add(
            "LayerNormalization",
            wish,
            inputs,
            List.of(Attributes.of("axis", -1), Attributes.of("epsilon", epsilon())));
  }

  private float epsilon() {
    return (float) (double) region.attributes().get("epsilon");
  }

  /** Pixels are squares; beyond the border lies what lies at it. */
  private String doubling(String input) {
    String scales = t.target().initializer("twofold", Nd4j.createFromArray(1f, 1f, 2f, 2f));
    return t.target()
        .add(
            "Resize",
            wish,
            List.of(input, "", scales),
            List.of(
                Attributes.of("mode", "linear"),
                Attributes.of("coordinate_transformation_mode", "half_pixel")));
  }
}

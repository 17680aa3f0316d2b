package io.github.microsam.segment;

import io.github.microsam.model.SamModel;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleFunction;

/**
 * The options that suit a model best: those of the reference, over which go those that micro-sam's
 * plugin has for its published models ({@code _model_settings.py}), over which goes what the
 * model's file tells in its metadata.
 *
 * <p>Published models are known by {@link SamModel#NAME} in their metadata, which they have where
 * they are loaded by name ({@link SamModel#byName}); the command looks at the hash of a file as
 * well. {@link SamModel#load} of a downloaded file does not, and its defaults are the reference's.
 *
 * <p>micro-sam applies its presets in the plugin only, and never the smoothing of distances that it
 * lists with them; here library and command use them all. With {@link
 * SegmentationOptions#reference()} results are those of micro-sam's own library and command.
 *
 * <p>Keys of the metadata of safetensors files, each a number as a text:
 *
 * <table>
 * <caption>Keys</caption>
 * <tr><td>{@code microsam.ais.center_distance_threshold}, {@code .boundary_distance_threshold},
 * {@code .foreground_threshold}, {@code .foreground_smoothing}, {@code .distance_smoothing}, {@code
 * .min_size}</td><td>{@link AisOptions}</td></tr>
 * <tr><td>{@code microsam.apg.center_distance_threshold}, {@code .boundary_distance_threshold},
 * {@code .foreground_threshold}, {@code .min_size}, {@code .nms_threshold}</td><td>{@link
 * ApgOptions}</td></tr>
 * <tr><td>{@code microsam.amg.iou_threshold}, {@code .stability_threshold}, {@code
 * .points_per_side}, {@code .min_size}</td><td>{@link MaskSelectionOptions}, {@link
 * PointGridOptions}</td></tr>
 * <tr><td>{@code microsam.tile}, {@code microsam.halo}</td><td>side of a tile without halo, and
 * halo, for images of which a side is longer than tile + 2 halo</td></tr>
 * </table>
 */
public final class SegmentationDefaults {
  /** Centre and boundary threshold, smoothing; predicted IoU and stability. */
  private record Preset(
      double center, double boundary, double smoothing, double iou, double stability) {}

  private static final Map<String, Preset> PUBLISHED =
      Map.of(
          "vit_t_lm", new Preset(0.5, 0.5, 2.0, 0.60, 0.65),
          "vit_b_lm", new Preset(0.4, 0.5, 2.0, 0.65, 0.70),
          "vit_l_lm", new Preset(0.4, 0.4, 1.6, 0.65, 0.73),
          "vit_h_lm", new Preset(0.5, 0.5, 1.4, 0.65, 0.70),
          "vit_t_em_organelles", new Preset(0.4, 0.5, 1.2, 0.75, 0.75),
          "vit_b_em_organelles", new Preset(0.3, 0.4, 1.2, 0.75, 0.75),
          "vit_l_em_organelles", new Preset(0.3, 0.4, 1.2, 0.80, 0.80),
          "vit_h_em_organelles", new Preset(0.3, 0.4, 1.2, 0.80, 0.80));

  /** The keys that the table above lists. */
  static final Set<String> KEYS =
      Set.of(
          "microsam.ais.center_distance_threshold",
          "microsam.ais.boundary_distance_threshold",
          "microsam.ais.foreground_threshold",
          "microsam.ais.foreground_smoothing",
          "microsam.ais.distance_smoothing",
          "microsam.ais.min_size",
          "microsam.apg.center_distance_threshold",
          "microsam.apg.boundary_distance_threshold",
          "microsam.apg.foreground_threshold",
          "microsam.apg.min_size",
          "microsam.apg.nms_threshold",
          "microsam.amg.iou_threshold",
          "microsam.amg.stability_threshold",
          "microsam.amg.points_per_side",
          "microsam.amg.min_size",
          "microsam.tile",
          "microsam.halo");

  private SegmentationDefaults() {}

  /**
   * The options for a model.
   *
   * @param model any model
   * @return the options
   * @throws SegmentationException if the model's metadata has a number that is none, or out of
   *     range
   */
  public static SegmentationOptions of(SamModel model) {
    return of(
        model.metadata(), model.config().encoder().imageSize(), model.options().nativeResolution());
  }

  static SegmentationOptions of(
      Map<String, String> metadata, int imageSize, boolean nativeResolution) {
    SegmentationOptions options =
        SegmentationOptions.reference().withTiles(tiles(metadata, imageSize, nativeResolution));
    Preset preset = PUBLISHED.get(metadata.getOrDefault(SamModel.NAME, ""));
    return new Metadata(metadata).over(preset == null ? options : published(options, preset));
  }

  private static SegmentationOptions published(SegmentationOptions options, Preset preset) {
    return options
        .withAis(
            ais ->
                ais.withCenterDistanceThreshold(preset.center)
                    .withBoundaryDistanceThreshold(preset.boundary)
                    .withDistanceSmoothing(preset.smoothing))
        .withMasks(masks -> masks.withThresholds(preset.iou, preset.stability));
  }

  /**
   * A model that enlarges images to its input sees up to twice its input size well; one of native
   * resolution sees its input size.
   */
  private static Tiles tiles(
      Map<String, String> metadata, int imageSize, boolean nativeResolution) {
    Metadata told = new Metadata(metadata);
    int halo = (int) told.count("microsam.halo", Math.max(1, imageSize / 8));
    int tile = (int) told.count("microsam.tile", Math.max(1, imageSize - 2 * halo));
    boolean outer = nativeResolution || metadata.containsKey("microsam.tile");
    return new Tiles.Automatic(outer ? tile + 2 * halo : 2 * imageSize, tile, halo);
  }

  /** What a model's file tells. */
  private record Metadata(Map<String, String> texts) {

    long count(String key, long otherwise) {
      return texts.containsKey(key) ? (long) number(key, 0) : otherwise;
    }

    double number(String key, double otherwise) {
      String text = texts.get(key);
      if (text == null) {
        return otherwise;
      }
      try {
        return Double.parseDouble(text);
      } catch (NumberFormatException e) {
        throw new SegmentationException(
            "The model's metadata has %s = '%s', expected a number.".formatted(key, text));
      }
    }

    private <T> T change(T options, String key, DoubleFunction<T> change) {
      return texts.containsKey(key) ? change.apply(number(key, 0)) : options;
    }

    SegmentationOptions over(SegmentationOptions options) {
      return options
          .withAis(this::ais)
          .withApg(this::apg)
          .withMasks(
              m ->
                  m.withThresholds(
                          number("microsam.amg.iou_threshold", m.iouThreshold()),
                          number("microsam.amg.stability_threshold", m.stabilityThreshold()))
                      .withMinSize(count("microsam.amg.min_size", m.minSize())))
          .withGrid(
              g ->
                  g.withPointsPerSide(
                      (int) count("microsam.amg.points_per_side", g.pointsPerSide())));
    }

    private AisOptions ais(AisOptions o) {
      String ais = "microsam.ais.";
      AisOptions out = o;
      out = change(out, ais + "center_distance_threshold", out::withCenterDistanceThreshold);
      out = change(out, ais + "boundary_distance_threshold", out::withBoundaryDistanceThreshold);
      out = change(out, ais + "foreground_threshold", out::withForegroundThreshold);
      out = change(out, ais + "foreground_smoothing", out::withForegroundSmoothing);
      out = change(out, ais + "distance_smoothing", out::withDistanceSmoothing);
      return out.withMinSize(count(ais + "min_size", out.minSize()));
    }

    private ApgOptions apg(ApgOptions o) {
      String apg = "microsam.apg.";
      return o.withMapThresholds(
              number(apg + "center_distance_threshold", o.centerDistanceThreshold()),
              number(apg + "boundary_distance_threshold", o.boundaryDistanceThreshold()),
              number(apg + "foreground_threshold", o.foregroundThreshold()))
          .withMinSize(count(apg + "min_size", o.minSize()))
          .withNms(number(apg + "nms_threshold", o.nmsThreshold()), o.overlap());
    }
  }
}

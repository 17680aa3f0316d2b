package io.github.microsam.cli;

import io.github.microsam.label.OverlapMeasure;
import io.github.microsam.segment.MaskThreshold;
import io.github.microsam.segment.Mode;
import io.github.microsam.segment.SegmentationOptions;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/**
 * The options of the modes. What is not given is left as the model's defaults have it; what is
 * given for another mode than the one in use is refused.
 */
final class SegmentArguments {
  private static final Set<Mode> DECODER = EnumSet.of(Mode.AIS, Mode.APG);

  @Option(
      names = "--min-size",
      paramLabel = "PIXELS",
      description = "Leave out objects of fewer pixels.")
  private Long minSize;

  @ArgGroup(
      validate = false,
      order = 10,
      heading = "%nModes ais and apg, which objects the decoder shows:%n")
  private final Maps maps = new Maps();

  @ArgGroup(validate = false, order = 11, heading = "%nMode ais:%n")
  private final Ais ais = new Ais();

  @ArgGroup(validate = false, order = 12, heading = "%nMode amg:%n")
  private final Amg amg = new Amg();

  @ArgGroup(validate = false, order = 13, heading = "%nMode apg:%n")
  private final Apg apg = new Apg();

  /** Thresholds of the decoder's maps. */
  static final class Maps {
    @Option(
        names = "--center-distance-threshold",
        paramLabel = "T",
        description = "Objects are counted where the distance to a centre is below T, 0 to 1.")
    private Double center;

    @Option(
        names = "--boundary-distance-threshold",
        paramLabel = "T",
        description = "And where the inverted distance to a boundary is below T.")
    private Double boundary;

    @Option(
        names = "--foreground-threshold",
        paramLabel = "T",
        description = "And where the foreground is above T.")
    private Double foreground;
  }

  /** Options of the watershed. */
  static final class Ais {
    @Option(
        names = "--foreground-smoothing",
        paramLabel = "SIGMA",
        description = "Smooth the foreground, pixels.")
    private Double foreground;

    @Option(
        names = "--distance-smoothing",
        paramLabel = "SIGMA",
        description = "Smooth the distances, pixels.")
    private Double distance;
  }

  /** Options of mask generation. */
  static final class Amg {
    @Option(
        names = "--points-per-side",
        paramLabel = "N",
        description = "Prompt with N x N points, in each tile.")
    private Integer points;

    @Option(
        names = "--points-per-batch",
        paramLabel = "N",
        description = "Points that are decoded together.")
    private Integer batch;

    @Option(
        names = "--crop-layers",
        paramLabel = "N",
        description = "Segment crops of the image as well, 2^n along a side in layer n.")
    private Integer layers;

    @Option(
        names = "--crop-overlap",
        paramLabel = "SHARE",
        description = "How much crops overlap, of the image's shorter side.")
    private Double overlap;

    @Option(
        names = "--crop-points-downscale",
        paramLabel = "K",
        description = "Crops of layer n have K^n times fewer points along a side.")
    private Integer downscale;

    @Option(
        names = "--stability-offset",
        paramLabel = "LOGITS",
        description = "Distance of the thresholds that the stability score compares.")
    private Double offset;

    @Option(
        names = "--iou-threshold",
        paramLabel = "T",
        description = "Masks need a higher predicted IoU.")
    private Double iou;

    @Option(
        names = "--stability-threshold",
        paramLabel = "T",
        description = "Masks need this stability score.")
    private Double stability;

    @Option(
        names = "--box-nms-threshold",
        paramLabel = "T",
        description = "Of boxes with a higher IoU the best stays.")
    private Double boxNms;

    @Option(
        names = "--crop-nms-threshold",
        paramLabel = "T",
        description = "The same across crops and tiles.")
    private Double cropNms;

    @Option(
        names = "--min-region-area",
        paramLabel = "PIXELS",
        description = "Clean masks of smaller holes and islands.")
    private Long region;

    @Option(
        names = "--keep-largest",
        description = "Keep the largest region, which may be the background.")
    private boolean keepLargest;
  }

  /** Options of prompt generation. */
  static final class Apg {
    @Option(names = "--multimasking", description = "Take the best of several masks for a point.")
    private boolean multimasking;

    @Option(
        names = "--batch-size",
        paramLabel = "N",
        description = "Prompts that are decoded together.")
    private Integer batch;

    @Option(
        names = "--nms-threshold",
        paramLabel = "T",
        description = "Of masks that overlap more the best stays.")
    private Double nms;

    @Option(
        names = "--intersection-over-min",
        description = "Measure overlap by the smaller mask, not by IoU.")
    private boolean overMin;

    @Option(
        names = "--mask-threshold",
        paramLabel = "LOGIT|auto",
        description = "Where masks end; auto finds it for each mask.")
    private String threshold;

    @Option(names = "--refine-with-boxes", description = "Prompt again with the masks' boxes.")
    private boolean refine;
  }

  /** Names of the given options that none of some modes uses, with the modes that do. */
  Map<String, Set<Mode>> unused(ParseResult parsed, Set<Mode> possible) {
    Map<String, Set<Mode>> unused = new LinkedHashMap<>();
    parsed
        .matchedOptions()
        .forEach(
            option -> {
              Set<Mode> modes = modes(option.group() == null ? "" : option.group().heading());
              if (Collections.disjoint(modes, possible)) {
                unused.put(option.longestName(), modes);
              }
            });
    return unused;
  }

  private static Set<Mode> modes(String heading) {
    if (heading.contains("ais and apg")) {
      return DECODER;
    }
    return heading.contains("ais")
        ? EnumSet.of(Mode.AIS)
        : heading.contains("amg")
            ? EnumSet.of(Mode.AMG)
            : heading.contains("apg") ? EnumSet.of(Mode.APG) : EnumSet.allOf(Mode.class);
  }

  private static <T> T or(T given, T otherwise) {
    return given == null ? otherwise : given;
  }

  SegmentationOptions over(SegmentationOptions defaults) {
    SegmentationOptions out = defaults;
    out =
        out.withAis(
            o ->
                o.withCenterDistanceThreshold(or(maps.center, o.centerDistanceThreshold()))
                    .withBoundaryDistanceThreshold(or(maps.boundary, o.boundaryDistanceThreshold()))
                    .withForegroundThreshold(or(maps.foreground, o.foregroundThreshold()))
                    .withForegroundSmoothing(or(ais.foreground, o.foregroundSmoothing()))
                    .withDistanceSmoothing(or(ais.distance, o.distanceSmoothing()))
                    .withMinSize(or(minSize, o.minSize())));
    out =
        out.withGrid(
            o ->
                o.withPointsPerSide(or(amg.points, o.pointsPerSide()))
                    .withPointsPerBatch(or(amg.batch, o.pointsPerBatch()))
                    .withCrops(
                        or(amg.layers, o.cropLayers()),
                        or(amg.overlap, o.cropOverlapRatio()),
                        or(amg.downscale, o.cropPointsDownscale()))
                    .withStabilityOffset(or(amg.offset, o.stabilityOffset())));
    out =
        out.withMasks(
            o ->
                o.withThresholds(
                        or(amg.iou, o.iouThreshold()), or(amg.stability, o.stabilityThreshold()))
                    .withNms(
                        or(amg.boxNms, o.boxNmsThreshold()), or(amg.cropNms, o.cropNmsThreshold()))
                    .withMinRegionArea(or(amg.region, o.minRegionArea()))
                    .withMinSize(or(minSize, o.minSize()))
                    .withBackground(o.withBackground() && !amg.keepLargest));
    return out.withApg(
        o ->
            o.withMapThresholds(
                    or(maps.center, o.centerDistanceThreshold()),
                    or(maps.boundary, o.boundaryDistanceThreshold()),
                    or(maps.foreground, o.foregroundThreshold()))
                .withMinSize(or(minSize, o.minSize()))
                .withMultimasking(apg.multimasking || o.multimasking())
                .withBatchSize(or(apg.batch, o.batchSize()))
                .withNms(
                    or(apg.nms, o.nmsThreshold()),
                    apg.overMin ? OverlapMeasure.INTERSECTION_OVER_MIN : o.overlap())
                .withMaskThreshold(threshold(o.maskThreshold()))
                .withRefinement(apg.refine || o.refineWithBoxes()));
  }

  private MaskThreshold threshold(MaskThreshold otherwise) {
    if (apg.threshold == null) {
      return otherwise;
    }
    if (apg.threshold.equals("auto")) {
      return new MaskThreshold.LocalOtsu();
    }
    try {
      return new MaskThreshold.Fixed(Double.parseDouble(apg.threshold));
    } catch (NumberFormatException e) {
      throw new CommandException(
          "--mask-threshold " + apg.threshold + ": expected a number or auto.");
    }
  }
}

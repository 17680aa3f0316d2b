package io.github.microsam.segment;

import io.github.microsam.embedding.TileEmbeddings;
import io.github.microsam.image.Tiling;
import io.github.microsam.label.MaskMergingOptions;
import io.github.microsam.label.MaskNms;
import io.github.microsam.label.RunLengths;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.ImageEmbedding;
import io.github.microsam.prompt.Prediction;
import io.github.microsam.prompt.PredictorOptions;
import io.github.microsam.prompt.Prompt;
import io.github.microsam.prompt.SamPredictor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import net.imglib2.FinalInterval;
import net.imglib2.Interval;
import net.imglib2.Point;
import net.imglib2.parallel.Parallelization;

/**
 * Automatic prompt generation (APG): points derived from the maps of the decoder are prompts, and
 * of masks that overlap the better ones stay (micro-sam's {@code AutomaticPromptGenerator} and its
 * tiled variant). In a tiled image a point is prompted in the tile that it is in.
 *
 * <p>Unlike in micro-sam, boxes for the refinement are cut at the image's true width and height,
 * end after the last pixel of a mask, and work in tiles, and tiled images take the mask threshold
 * as well.
 *
 * <p>Holds nothing of an image; threads may share it. The model must stay open.
 */
public final class AutomaticPromptGenerator {
  private static final double STABILITY_OFFSET = 1;

  /** How much a box is larger than its mask on each side, as a share of its side. */
  private static final double BOX_EXTENSION = 0.01;

  private final SamPredictor single;
  private final SamPredictor best;

  /**
   * A generator.
   *
   * @param model an open model, which stays the caller's
   */
  public AutomaticPromptGenerator(SamModel model) {
    PredictorOptions options = PredictorOptions.defaults();
    single = new SamPredictor(model, options.withChoice(PredictorOptions.Choice.SINGLE));
    best = new SamPredictor(model, options.withChoice(PredictorOptions.Choice.BEST));
  }

  /** Gives the mask of each of some points of a tile. */
  interface TileMasks {
    /**
     * Prompts with points.
     *
     * @param tile which tile
     * @param points in the coordinates of the image
     * @return masks in the order of the points, without empty ones
     */
    List<MaskCandidate> at(int tile, List<Point> points);
  }

  /**
   * Makes objects.
   *
   * @param maps of the decoder, or other ones with the same meaning
   * @param tiles embeddings of the image, or of its tiles, by this model
   * @param options thresholds, sizes and suppression
   * @param listener is told of every batch of prompts
   * @return the objects, numbered in raster order, each with its mask's predicted IoU
   * @throws SegmentationException if maps and embeddings are of different size
   * @throws io.github.microsam.prompt.PromptException if the embeddings are another model's
   */
  public Segmentation segment(
      DistanceMaps maps, TileEmbeddings tiles, ApgOptions options, SegmentationListener listener) {
    return segment(
        maps,
        tiles.tiling(),
        options,
        (tile, points) -> masks(tiles, tile, points, options),
        listener);
  }

  /** The same with masks from anywhere. */
  static Segmentation segment(
      DistanceMaps maps,
      Tiling tiling,
      ApgOptions options,
      TileMasks source,
      SegmentationListener listener) {
    Interval image = maps.foreground();
    if (image.dimension(0) != tiling.width() || image.dimension(1) != tiling.height()) {
      throw new SegmentationException(
          "Maps of %d x %d pixels with embeddings of an image of %d x %d."
              .formatted(image.dimension(0), image.dimension(1), tiling.width(), tiling.height()));
    }
    Map<Integer, List<Point>> byTile = new TreeMap<>();
    List<Point> points = PointPrompts.of(maps, options);
    points.forEach(p -> byTile.computeIfAbsent(tileOf(p, tiling), t -> new ArrayList<>()).add(p));
    List<MaskCandidate> masks = new ArrayList<>();
    List<Interval> parts = new ArrayList<>();
    long done = 0;
    listener.progress(0, points.size());
    for (Map.Entry<Integer, List<Point>> entry : byTile.entrySet()) {
      List<Point> ofTile = entry.getValue();
      for (int from = 0; from < ofTile.size(); from += options.batchSize()) {
        int to = Math.min(ofTile.size(), from + options.batchSize());
        for (MaskCandidate m : source.at(entry.getKey(), ofTile.subList(from, to))) {
          if (m.mask().area() > options.minSize()) {
            masks.add(m);
            parts.add(interval(tiling.outer(entry.getKey())));
          }
        }
        done += to - from;
        listener.progress(done, points.size());
      }
    }
    return Segmentation.of(
        suppress(masks, parts, options),
        new FinalInterval(tiling.width(), tiling.height()),
        MaskMergingOptions.defaults().withMinSize(options.minSize()));
  }

  private static int tileOf(Point p, Tiling tiling) {
    int column = p.getIntPosition(0) / tiling.tileWidth();
    return p.getIntPosition(1) / tiling.tileHeight() * tiling.columns() + column;
  }

  private static Interval interval(Tiling.Region r) {
    return FinalInterval.createMinSize(r.x(), r.y(), r.width(), r.height());
  }

  private static List<MaskCandidate> suppress(
      List<MaskCandidate> masks, List<Interval> parts, ApgOptions options) {
    float[] scores = new float[masks.size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = masks.get(i).iouPrediction() * masks.get(i).stability();
    }
    List<RunLengths> runs = masks.stream().map(MaskCandidate::mask).toList();
    int[] kept = MaskNms.keep(runs, parts, scores, options.nmsThreshold(), options.overlap());
    return Arrays.stream(kept).mapToObj(masks::get).toList();
  }

  private List<MaskCandidate> masks(
      TileEmbeddings tiles, int tile, List<Point> points, ApgOptions options) {
    if (tiles.isSkipped(tile)) {
      return List.of();
    }
    ImageEmbedding embedding = tiles.embedding(tile);
    Tiling.Region outer = tiles.tiling().outer(tile);
    List<Prompt> prompts =
        points.stream()
            .map(
                p -> Prompt.point(p.getIntPosition(0) - outer.x(), p.getIntPosition(1) - outer.y()))
            .toList();
    SamPredictor predictor = options.multimasking() ? best : single;
    List<MaskCandidate> masks =
        candidates(predictor.predict(embedding, prompts), points, outer, options);
    if (!options.refineWithBoxes() || masks.isEmpty()) {
      return masks;
    }
    List<Prompt> boxes = masks.stream().map(m -> box(m.box(), outer)).toList();
    List<Point> at = masks.stream().map(m -> new Point((long) m.x(), (long) m.y())).toList();
    return candidates(single.predict(embedding, boxes), at, outer, options);
  }

  /** A box around a mask, a little larger, in the tile. */
  static Prompt box(Interval mask, Tiling.Region tile) {
    double x = BOX_EXTENSION * mask.dimension(0);
    double y = BOX_EXTENSION * mask.dimension(1);
    return Prompt.box(
        Math.max(0, mask.min(0) - tile.x() - x),
        Math.max(0, mask.min(1) - tile.y() - y),
        Math.min(tile.width(), mask.max(0) + 1 - tile.x() + x),
        Math.min(tile.height(), mask.max(1) + 1 - tile.y() + y));
  }

  private static List<MaskCandidate> candidates(
      List<Prediction> predictions, List<Point> points, Tiling.Region outer, ApgOptions options) {
    MaskCandidate[] found = new MaskCandidate[predictions.size()];
    Parallelization.getTaskExecutor()
        .forEach(
            IntStream.range(0, found.length).boxed().toList(),
            i -> {
              Prediction p = predictions.get(i);
              double threshold = options.maskThreshold().of(p.lowResLogits());
              MaskReading reading =
                  MaskReading.of(p, outer.x(), outer.y(), threshold, STABILITY_OFFSET);
              if (reading.mask().area() > 0) {
                Point at = points.get(i);
                found[i] =
                    new MaskCandidate(
                        reading.mask(),
                        p.iouPrediction(),
                        reading.stability(),
                        at.getIntPosition(0),
                        at.getIntPosition(1));
              }
            });
    return Arrays.stream(found).filter(m -> m != null).toList();
  }
}

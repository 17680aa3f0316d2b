package io.github.microsam.cli;

import io.github.microsam.label.OverlapMeasure;
import io.github.microsam.model.SamModel;
import io.github.microsam.segment.AisOptions;
import io.github.microsam.segment.ApgOptions;
import io.github.microsam.segment.AutomaticSegmentation;
import io.github.microsam.segment.MaskSelectionOptions;
import io.github.microsam.segment.Mode;
import io.github.microsam.segment.SegmentationDefaults;
import io.github.microsam.segment.SegmentationListener;
import io.github.microsam.segment.SegmentationOptions;
import io.github.microsam.train.data.ImageLabelDataset;
import io.github.microsam.train.evaluate.AutomaticEvaluation;
import io.github.microsam.train.evaluate.GridSearch;
import io.github.microsam.train.evaluate.Scores;
import io.github.microsam.train.evaluate.SearchGrids;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of {@code microsam evaluate} that search options of automatic segmentation. */
final class SearchArguments {
  @Option(
      names = "--grid-search",
      paramLabel = "MODE",
      description =
          "Search the best options of a mode (auto, ais, amg, apg) for a model instead: PREDICTED"
              + " are images for validation. The networks run once an image, for apg the mask"
              + " decoder for every choice. -o takes all choices with their scores.")
  Mode mode;

  @Mixin private TileArguments tiles;

  /** Searches, prints the best options and writes all if that is asked for. */
  void run(Trial trial) {
    ImageLabelDataset data = trial.data();
    Path csv = trial.csv();
    try (SamModel sam = trial.model().open()) {
      SegmentationOptions start = tiles.over(SegmentationDefaults.of(sam));
      SegmentationListener listener = (done, total) -> trial.line().show("search", done, total);
      AutomaticEvaluation evaluation = new AutomaticEvaluation(sam);
      Mode used = AutomaticSegmentation.of(sam, mode).mode();
      Found found =
          switch (used) {
            case AIS ->
                found(
                    evaluation.searchAis(data, SearchGrids.ais(start.ais()), start, listener),
                    SearchArguments::ais,
                    csv);
            case AMG ->
                found(
                    evaluation.searchAmg(data, SearchGrids.amg(start.masks()), start, listener),
                    SearchArguments::amg,
                    csv);
            case APG ->
                found(
                    evaluation.searchApg(data, SearchGrids.apg(start.apg()), start, listener),
                    SearchArguments::apg,
                    csv);
            case AUTO -> throw new IllegalStateException("a model without a mode");
          };
      trial.line().end();
      report(used, found, trial);
    }
  }

  /** What a search found: how many choices there were, and the best one. */
  private record Found(int choices, Scores scores, List<String> options) {}

  private static <O extends Record> Found found(
      GridSearch<O> search, Function<O, List<String>> options, Path csv) {
    if (csv != null) {
      search.write(csv);
    }
    GridSearch.Entry<O> best = search.best();
    return new Found(search.entries().size(), best.scores(), options.apply(best.options()));
  }

  private static void report(Mode used, Found found, Trial trial) {
    PrintWriter out = trial.out();
    String name = used.name().toLowerCase(Locale.ROOT);
    out.printf(
        Locale.ROOT,
        "Best of %d choices for %s, mean of %d images: mSA %.4f, SA50 %.4f, SA75 %.4f%n",
        found.choices,
        name,
        trial.data().size(),
        found.scores.msa(),
        found.scores.sa50(),
        found.scores.sa75());
    out.printf(
        "microsam segment IMAGES --model %s --mode %s %s%n",
        trial.model().name(), name, String.join(" ", found.options));
    out.flush();
  }

  private static List<String> ais(AisOptions o) {
    return List.of(
        "--center-distance-threshold",
        "" + o.centerDistanceThreshold(),
        "--boundary-distance-threshold",
        "" + o.boundaryDistanceThreshold(),
        "--distance-smoothing",
        "" + o.distanceSmoothing(),
        "--min-size",
        "" + o.minSize());
  }

  private static List<String> amg(MaskSelectionOptions o) {
    return List.of(
        "--iou-threshold", "" + o.iouThreshold(),
        "--stability-threshold", "" + o.stabilityThreshold());
  }

  private static List<String> apg(ApgOptions o) {
    List<String> options =
        new ArrayList<>(
            List.of(
                "--center-distance-threshold",
                "" + o.centerDistanceThreshold(),
                "--boundary-distance-threshold",
                "" + o.boundaryDistanceThreshold(),
                "--min-size",
                "" + o.minSize(),
                "--nms-threshold",
                "" + o.nmsThreshold()));
    if (o.overlap() == OverlapMeasure.INTERSECTION_OVER_MIN) {
      options.add("--intersection-over-min");
    }
    return options;
  }
}

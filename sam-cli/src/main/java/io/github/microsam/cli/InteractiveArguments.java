package io.github.microsam.cli;

import io.github.microsam.model.SamModel;
import io.github.microsam.segment.AutomaticSegmentation;
import io.github.microsam.segment.Mode;
import io.github.microsam.segment.SegmentationDefaults;
import io.github.microsam.train.evaluate.AnnotatorOptions;
import io.github.microsam.train.evaluate.AutomaticEvaluation;
import io.github.microsam.train.evaluate.InteractiveEvaluation;
import io.github.microsam.train.evaluate.InteractiveReport;
import io.github.microsam.train.evaluate.Scores;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options of {@code microsam evaluate} that let simulated annotators use a model. */
final class InteractiveArguments {
  @Option(
      names = "--interactive",
      description =
          "Judge a model instead: PREDICTED are images, and simulated annotators point out every"
              + " true object and correct the model.")
  boolean interactive;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "MODEL",
      description =
          "With --interactive or --grid-search: a checkpoint, or a name that microsam models lists;"
              + " by default "
              + NamedModel.DEFAULT
              + ", which is included.")
  String model;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      defaultValue = "8",
      description =
          "With --interactive: answers of the model, to the first prompt and after each correction"
              + " (${DEFAULT-VALUE}).")
  private int iterations;

  @Option(
      names = "--mask-prompts",
      description = "With --interactive: hand each answer back to the model as well.")
  private boolean maskPrompts;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "17",
      description = "With --interactive: of the corrections (${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "With --interactive: draw the scores as PNG.")
  private Path plot;

  @Option(
      names = "--automatic",
      paramLabel = "MODE",
      split = ",",
      description =
          "With --interactive: score automatic segmentation too (auto, ais, amg, apg, or several of"
              + " them as ais,apg), as lines of the table and of the plot.")
  private List<Mode> automatic = List.of();

  /** Whether something else was given that --interactive is needed for. */
  boolean pointless() {
    return !interactive && (plot != null || maskPrompts || !automatic.isEmpty());
  }

  /** The name of the model to be judged. */
  String model() {
    return model == null ? NamedModel.DEFAULT : model;
  }

  /** Runs the annotators, prints the means and writes what is asked for. */
  void run(Trial trial) {
    List<AnnotatorOptions> annotators = new ArrayList<>();
    for (AnnotatorOptions.Start start : AnnotatorOptions.Start.values()) {
      annotators.add(new AnnotatorOptions(start, iterations, maskPrompts, 32, seed));
    }
    InteractiveReport report;
    Map<String, Scores> automatically = new LinkedHashMap<>();
    try (SamModel sam = trial.model().open()) {
      report =
          new InteractiveEvaluation(sam)
              .run(
                  trial.data(),
                  annotators,
                  (done, total) -> trial.line().show("annotate", done, total));
      for (Mode mode : automatic) {
        AutomaticSegmentation segmentation = AutomaticSegmentation.of(sam, mode);
        List<Scores> scores =
            new AutomaticEvaluation(sam)
                .run(
                    trial.data(),
                    segmentation,
                    SegmentationDefaults.of(sam),
                    (done, total) -> trial.line().show("segment", done, total));
        automatically.put(segmentation.mode().name(), Scores.mean(scores));
      }
    }
    trial.line().end();
    PrintWriter out = trial.out();
    out.println("prompt  corrections  mean IoU  mSA     SA50    SA75");
    for (AnnotatorOptions annotator : annotators) {
      for (int i = 0; i < iterations; i++) {
        var scores = report.mean(annotator, i);
        out.println(
            String.format(
                Locale.ROOT,
                "%-6s  %11d  %8.4f  %.4f  %.4f  %.4f",
                annotator.start().name().toLowerCase(Locale.ROOT),
                i,
                report.meanIou(annotator, i),
                scores.msa(),
                scores.sa50(),
                scores.sa75()));
      }
    }
    automatically.forEach(
        (mode, scores) ->
            out.println(
                String.format(
                    Locale.ROOT,
                    "%-6s  %11s  %8s  %.4f  %.4f  %.4f",
                    mode.toLowerCase(Locale.ROOT),
                    "",
                    "",
                    scores.msa(),
                    scores.sa50(),
                    scores.sa75())));
    out.flush();
    if (trial.csv() != null) {
      report.write(trial.csv());
    }
    if (plot != null) {
      Map<String, Double> lines = new LinkedHashMap<>();
      automatically.forEach((mode, scores) -> lines.put(mode, scores.msa()));
      report.plot(trial.model().name(), lines).write(plot);
    }
  }
}

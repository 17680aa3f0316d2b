package io.github.microsam.cli;

import io.github.microsam.io.WholeFile;
import io.github.microsam.train.data.DatasetOptions;
import io.github.microsam.train.data.ImageLabelDataset;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code microsam evaluate}: how well labels agree with the truth. */
@Command(
    name = "evaluate",
    description = {
      "Compare label images with true ones.",
      "",
      "Both are a file each, or folders or patterns, whose files are matched by their names without"
          + " ending; cells_labels.tif is matched with cells.tif too. Stacks are compared as"
          + " volumes.",
      "",
      "Objects match one to one where their IoU reaches a threshold. SA is the share of matches,"
          + " TP / (TP + FP + FN): SA50 at an IoU of 0.5, SA75 at 0.75, and mSA the mean over 0.5,"
          + " 0.55 to 0.95. Precision, recall and F1 are at 0.5. All are 0 without a match, also"
          + " where there is no object at all."
    },
    footer = {
      "",
      "Examples:",
      "  microsam evaluate cells_labels.tif truth.tif",
      "  microsam evaluate results/ truth/ -o scores.csv",
      "  microsam evaluate images/ truth/ --interactive --model vit_b_lm --plot scores.png",
      "  microsam evaluate images/ truth/ --grid-search ais --model vit_b_lm -o choices.csv"
    })
final class EvaluateCommand implements Callable<Integer> {
  @Mixin CommonOptions common;

  @Parameters(index = "0", paramLabel = "PREDICTED", description = "Label images to be judged.")
  private String predicted;

  @Parameters(index = "1", paramLabel = "TRUTH", description = "True label images.")
  private String truth;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write the scores as CSV too.")
  private Path output;

  @Option(
      names = "--split-truth",
      description =
          "Take the connected parts of true objects as objects of their own, as micro-sam's"
              + " evaluation does.")
  private boolean splitTruth;

  @Option(names = "--overwrite", description = "Replace the file with the scores.")
  private boolean overwrite;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print scores and errors only, no progress.")
  private boolean quiet;

  @Mixin private InteractiveArguments annotators;
  @Mixin private SearchArguments search;
  @Spec private CommandSpec spec;
  private final Host host;

  EvaluateCommand(Host host) {
    this.host = host;
  }

  @Override
  public Integer call() {
    refuseContradictions();
    if (output != null && !overwrite && Files.exists(output, LinkOption.NOFOLLOW_LINKS)) {
      throw new CommandException(output + " exists already; --overwrite replaces it.");
    }
    PrintWriter err = spec.commandLine().getErr();
    ProgressLine line = progress(err);
    try {
      if (annotators.interactive) {
        annotators.run(trial(annotators.model(), line));
        return ExitCode.OK;
      }
      if (search.mode != null) {
        search.run(trial(annotators.model(), line));
        return ExitCode.OK;
      }
      return compare(LabelPairs.of(predicted, truth), line, err);
    } finally {
      line.end();
    }
  }

  private Trial trial(String model, ProgressLine line) {
    return new Trial(
        new NamedModel(model, host, spec.commandLine().getErr()),
        ImageLabelDataset.open(Path.of(predicted), Path.of(truth), DatasetOptions.defaults()),
        output,
        line,
        spec.commandLine().getOut());
  }

  private ProgressLine progress(PrintWriter err) {
    PrintWriter shown = quiet ? new PrintWriter(Writer.nullWriter()) : err;
    return new ProgressLine(shown, host.terminal(), ProgressLine.Unit.STEPS);
  }

  private int compare(LabelPairs pairs, ProgressLine line, PrintWriter err) {
    pairs.alone().forEach(err::println);
    List<Scores> scores = new ArrayList<>();
    int failed = 0;
    int count = pairs.pairs().size();
    line.show("comparing", 0, count);
    for (LabelPairs.Pair pair : pairs.pairs()) {
      try {
        scores.add(Scores.of(pair, splitTruth));
      } catch (RuntimeException e) {
        if (count == 1) {
          throw e;
        }
        failed++;
        line.clear();
        err.println(ErrorLines.message(e));
        if (common.verbose || !ErrorLines.explainsItself(e)) {
          e.printStackTrace(err);
        }
      }
      line.show("comparing", scores.size() + failed, count);
    }
    line.end();
    err.flush();
    report(new ScoreTable(scores));
    if (failed > 0 || !pairs.alone().isEmpty()) {
      err.println(
          "%d of %d pairs compared, %d failed, %d files without counterpart."
              .formatted(scores.size(), count, failed, pairs.alone().size()));
      err.flush();
      return ExitCode.SOFTWARE;
    }
    return ExitCode.OK;
  }

  private void refuseContradictions() {
    boolean searches = search.mode != null;
    String wrong =
        annotators.interactive && searches
            ? "--interactive and --grid-search exclude each other."
            : annotators.pointless()
                ? "--mask-prompts, --automatic and --plot are for --interactive."
                : annotators.model != null && !annotators.interactive && !searches
                    ? "--model is for --interactive and --grid-search."
                    : null;
    if (wrong != null) {
      throw new ParameterException(spec.commandLine(), wrong);
    }
  }

  private void report(ScoreTable table) {
    PrintWriter out = spec.commandLine().getOut();
    table.lines().forEach(out::println);
    out.flush();
    if (output != null) {
      WholeFile.write(output, temporary -> Files.write(temporary, table.csv()));
    }
  }
}

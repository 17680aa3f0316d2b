package io.github.microsam.cli;

import io.github.microsam.model.SamModel;
import io.github.microsam.train.Scheme;
import io.github.microsam.train.Trainer;
import io.github.microsam.train.TrainingOptions;
import io.github.microsam.train.TrainingResult;
import io.github.microsam.train.TrainingSummary;
import io.github.microsam.train.Tuning;
import io.github.microsam.train.config.DataSource;
import io.github.microsam.train.config.MachinePreset;
import io.github.microsam.train.config.MapTargets;
import io.github.microsam.train.config.TrainingConfig;
import io.github.microsam.train.data.BatchSource;
import io.github.microsam.train.data.PrefetchedBatches;
import io.github.microsam.train.prompts.PromptScheme;
import io.github.microsam.train.report.ValidationPicture;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code microsam train}: trains a model on images with labels. */
@Command(
    name = "train",
    description = {
      "Train a model on images with label images.",
      "",
      "Images and labels of the same names belong together. What is trained and how is as in"
          + " micro-sam unless a configuration file says otherwise; --print-config shows such a"
          + " file with all that can be set.",
      "",
      "The model of the best validation is written to --output; beside it go tables and curves of"
          + " all losses, a picture of a validation image with what is predicted, and the state of"
          + " the training after every epoch and when it is interrupted (Ctrl-C). With --resume it"
          + " goes on as if it had not been interrupted: with the same model, data and options, but"
          + " --epochs may be more."
    },
    footer = {
      "",
      "Examples:",
      "  microsam train --images images --labels labels --model vit_b_lm -o mine.safetensors",
      "  microsam train --images a --labels b --validation-images c --validation-labels d -o m.pt",
      "  microsam train --config train.yaml -o mine.safetensors --resume",
      "  microsam train --print-config > train.yaml"
    })
final class TrainCommand implements Callable<Integer> {
  @Mixin CommonOptions common;

  @Option(names = "--images", paramLabel = "DIR", description = "Folder of images, or one file.")
  private Path images;

  @Option(
      names = "--labels",
      paramLabel = "DIR",
      description = "Folder of label images, or one file.")
  private Path labels;

  @Option(
      names = "--validation-images",
      paramLabel = "DIR",
      description = {
        "Folder of images, or one file, that the model is judged by; without, some of --images are"
            + " set apart."
      })
  private Path validationImages;

  @Option(
      names = "--validation-labels",
      paramLabel = "DIR",
      description = "Folder of label images, or one file, of --validation-images.")
  private Path validationLabels;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "MODEL",
      description = "A checkpoint, or the name of a published model, that training starts from.")
  private String model;

  @Option(
      names = "--from-scratch",
      description = "Take the architecture of the model and begin with random weights.")
  private boolean fromScratch;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "The trained model: .safetensors, or .pt or .pth for micro-sam.")
  private Path output;

  @Option(names = "--config", paramLabel = "FILE", description = "A configuration in YAML.")
  private Path config;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      description =
          "What the machine can train, instead of the configuration's preset: auto (default; by"
              + " its memory), none, nano, minimal, cpu, gtx1080, gtx3080, rtx5000, v100 or a100.")
  private String preset;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Epochs, instead of the configuration's.")
  private Integer epochs;

  @Option(names = "--resume", description = "Go on with an interrupted training.")
  private boolean resume;

  @Option(names = "--overwrite", description = "Replace a model that exists, and its training.")
  private boolean overwrite;

  @Option(names = "--dry-run", description = "Check everything, print what would be done, and end.")
  private boolean dryRun;

  @Option(
      names = "--print-config",
      description = "Print a configuration file with everything that can be set, and end.")
  private boolean printConfig;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print errors only.")
  private boolean quiet;

  @Spec private CommandSpec spec;
  private final Host host;

  TrainCommand(Host host) {
    this.host = host;
  }

  @Override
  public Integer call() {
    if (printConfig) {
      PrintWriter out = spec.commandLine().getOut();
      out.print(TrainingConfig.documentation());
      out.flush();
      return 0;
    }
    TrainingConfig settings = settings();
    refuseTuningFromScratch(settings.training().tuning());
    refuseReplacing();
    TrainingOptions options = settings.training();
    PrintWriter err = spec.commandLine().getErr();
    TrainingConfig.Batches data = settings.open(TrainedModel.classes(settings, host, err));
    try (SamModel sam = TrainedModel.open(settings, fromScratch, host, err);
        PrefetchedBatches training =
            new PrefetchedBatches(
                data.training(), settings.loading().threads(), settings.loading().ahead());
        Trainer trainer = new Trainer(sam, options, training, data.validation(), output)) {
      if (resume) {
        trainer.resume();
      }
      if (!quiet) {
        describe(trainer, settings);
      }
      if (!dryRun) {
        makeRoom();
        train(trainer, training.batches(), () -> drawValidation(sam, settings, data.validation()));
      }
    }
    return 0;
  }

  private TrainingConfig settings() {
    if (output == null) {
      throw misuse("--output is missing: where does the trained model go?");
    }
    MachinePreset machine = MachinePreset.forMemory(memory());
    Optional<String> named = Optional.ofNullable(preset);
    TrainingConfig settings =
        config == null
            ? TrainingConfig.parse("", "--preset", Path.of(""), machine, named)
            : TrainingConfig.read(config, machine, named);
    if ((images == null) != (labels == null)) {
      throw misuse("--images and --labels belong together.");
    }
    if ((validationImages == null) != (validationLabels == null)) {
      throw misuse("--validation-images and --validation-labels belong together.");
    }
    if (images != null) {
      settings = settings.withData(settings.data().withTraining(files(images, labels)));
    }
    if (validationImages != null) {
      settings =
          settings.withData(
              settings.data().withValidation(files(validationImages, validationLabels)));
    }
    if (model != null) {
      settings = settings.withModel(model);
    } else if (config != null) {
      Path besideConfig = config.toAbsolutePath().resolveSibling(settings.model());
      if (Files.isRegularFile(besideConfig)) {
        settings = settings.withModel(besideConfig.toString());
      }
    }
    return epochs == null
        ? settings
        : settings.withTraining(settings.training().withEpochs(epochs));
  }

  private static List<DataSource> files(Path images, Path labels) {
    return List.of(new DataSource.Files(images, labels, 1, Optional.empty(), Map.of()));
  }

  private void refuseTuningFromScratch(Tuning tuning) {
    if (fromScratch && !(tuning instanceof Tuning.Full)) {
      throw misuse(
          "--from-scratch begins with random weights, which all have to be trained, but tuning is "
              + tuning
              + ": set training.tuning to full, or leave --from-scratch out.");
    }
  }

  private static long memory() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getTotalMemorySize();
  }

  private void refuseReplacing() {
    Path state = Trainer.stateFile(output);
    if (!resume && !overwrite && (Files.exists(output) || Files.exists(state))) {
      throw new CommandException(
          (Files.exists(output) ? output : state)
              + " exists: --resume goes on with its training, --overwrite begins anew.");
    }
  }

  /** Makes the folder, and deletes what is there of a training that is replaced. */
  private void makeRoom() {
    Path folder = output.toAbsolutePath().getParent();
    try {
      Files.createDirectories(folder);
      if (!resume) {
        Files.deleteIfExists(Trainer.stateFile(output));
        Files.deleteIfExists(TrainProgress.beside(output, "steps.csv"));
        Files.deleteIfExists(TrainProgress.beside(output, "epochs.csv"));
      }
    } catch (IOException e) {
      throw new CommandException(
          "cannot write into " + folder + " (" + e + "); name another --output");
    }
  }

  /** What the model makes of the first validation image. */
  private void drawValidation(SamModel sam, TrainingConfig settings, BatchSource validation) {
    Scheme scheme = settings.training().scheme();
    boolean boxes = scheme instanceof Scheme.Interactive || scheme instanceof Scheme.Joint;
    boolean automatic = scheme instanceof Scheme.Automatic || scheme instanceof Scheme.Joint;
    ValidationPicture picture = new ValidationPicture(validation.batch(0, 0).get(0));
    // Networks of its own, so that their memory is free again when the training goes on.
    try (SamModel view = sam.sharing(sam.options())) {
      if (boxes) {
        picture.withBoxes(view);
      }
      if (scheme instanceof Scheme.Semantic) {
        picture.withClasses(view);
      }
      if (automatic && settings.targets() != MapTargets.DISTANCES) {
        picture.withMaps(view);
      } else if (automatic) {
        picture.withAutomatic(view);
      }
    }
    picture.write(TrainProgress.beside(output, "validation.png"));
  }

  private void describe(Trainer trainer, TrainingConfig settings) {
    TrainingSummary summary = trainer.summary();
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "%s from %s%s: %,d of %,d parameters are trained%n",
        settings.training().scheme().getClass().getSimpleName().toLowerCase(Locale.ROOT),
        settings.model(),
        fromScratch ? " from scratch" : "",
        summary.trainedParameters(),
        summary.all());
    out.printf("preset %s%s%n", settings.preset(), plan(settings.training()));
    summary
        .trained()
        .forEach(
            (part, count) ->
                out.printf(
                    Locale.ROOT,
                    "  %-16s %,13d%n",
                    part.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    count));
    out.printf(
        Locale.ROOT,
        "%d batches of %d patches of %d x %d pixels; %d batches an epoch%s%n",
        summary.iterations(),
        settings.loading().batchSize(),
        settings.patches().width(),
        settings.patches().height(),
        summary.batches(),
        summary.done() > 0 ? ", %d are done".formatted(summary.done()) : "");
    long intermediate = trainer.intermediateBytes(!dryRun);
    long heap = Runtime.getRuntime().maxMemory();
    out.printf(
        Locale.ROOT,
        "memory: %s for weights, gradients and optimizer, at most %s for intermediate results, at"
            + " most %s for Java's heap (-Xmx)%n",
        ByteSize.of(summary.bytes()),
        ByteSize.of(intermediate),
        ByteSize.of(heap));
    out.printf("  in all at most %s%n", ByteSize.of(summary.bytes() + intermediate + heap));
    out.flush();
  }

  /** What the preset, or the configuration, makes of it. */
  private static String plan(TrainingOptions options) {
    Scheme scheme = options.scheme();
    PromptScheme prompts =
        scheme instanceof Scheme.Joint joint
            ? joint.prompts()
            : scheme instanceof Scheme.Interactive interactive ? interactive.prompts() : null;
    return (prompts == null
            ? ""
            : ": up to %d objects of an image, %d sub-iterations"
                .formatted(prompts.maxObjects(), prompts.subIterations()))
        + (options.tuning() instanceof Tuning.Full ? "" : ", tuning " + options.tuning());
  }

  private void train(Trainer trainer, int batches, Runnable picture) {
    PrintWriter err = spec.commandLine().getErr();
    CountDownLatch ended = new CountDownLatch(1);
    Thread hook =
        new Thread(
            () -> {
              err.println("\nEnding after the batch at hand; its state will be saved.");
              err.flush();
              trainer.stop();
              awaitUninterrupted(ended);
            },
            "interruption");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      long done = trainer.summary().done();
      TrainingResult result =
          trainer.run(
              new TrainProgress(err, host.terminal(), quiet, output, batches, done, picture));
      report(result);
    } finally {
      ended.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The program is ending: the hook waits for what has just been counted down.
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void awaitUninterrupted(CountDownLatch ended) {
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void report(TrainingResult result) {
    PrintWriter out = spec.commandLine().getOut();
    if (result.end() == TrainingResult.End.STOPPED) {
      out.printf(
          "%nStopped after %d batches. The state is saved; the same command with --resume goes"
              + " on.%n",
          result.iterations());
    } else if (!quiet) {
      out.printf(
          Locale.ROOT,
          "%s after %d batches. %s is the model of epoch %d, with metric %.4f%n",
          result.end() == TrainingResult.End.DONE ? "Done" : "No further improvement",
          result.iterations(),
          output,
          result.bestEpoch() + 1,
          result.bestMetric());
    }
    out.flush();
  }

  private ParameterException misuse(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}

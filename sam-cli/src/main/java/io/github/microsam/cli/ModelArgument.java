package io.github.microsam.cli;

import picocli.CommandLine.Option;

/** The option that names the model of a command which can do with the included one. */
final class ModelArgument {
  @Option(
      names = {"-m", "--model"},
      paramLabel = "MODEL",
      defaultValue = NamedModel.DEFAULT,
      description =
          "A checkpoint, or a name that microsam models lists, whose model is downloaded once;"
              + " default ${DEFAULT-VALUE}, which is included.")
  String name;
}

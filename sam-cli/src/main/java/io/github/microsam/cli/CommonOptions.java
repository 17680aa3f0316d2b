package io.github.microsam.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What every command has: the options for help and stack traces, and the same exit codes. */
@Command(
    sortOptions = false,
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    optionListHeading = "%nOptions:%n",
    commandListHeading = "%nCommands:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:Done.",
      "1:Failed: a file, the network or the disk; standard error says what and why.",
      "2:The command line is wrong."
    })
final class CommonOptions {
  /** Looked for by {@link ErrorLines}. */
  static final String VERBOSE = "--verbose";

  /** Behind a command's own options. */
  private static final int LAST = 1000;

  @Option(
      names = VERBOSE,
      order = LAST,
      description = "Print the stack trace of an error, for a report.")
  boolean verbose;

  @Option(
      names = {"-h", "--help"},
      order = LAST + 1,
      usageHelp = true,
      description = "Print this help and exit.")
  boolean help;
}

package io.github.microsam.cli;

import picocli.CommandLine;

/** The program: runs one command and ends the Java machine with its exit code. */
public final class Main {
  private Main() {}

  /**
   * Runs a command.
   *
   * @param args the command line; {@code --help} explains it
   */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  private static int run(String[] args) {
    try {
      return commandLine(Host.ofEnvironment()).execute(args);
    } catch (OutOfMemoryError e) {
      System.err.println(
          "microsam: out of memory ("
              + e.getMessage()
              + "); give Java more, for instance with MICROSAM_JAVA_OPTS=-Xmx8g");
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  /** The command line, to be executed once. */
  static CommandLine commandLine(Host host) {
    ErrorLines errors = new ErrorLines();
    return new CommandLine(MicrosamCommand.class, new HostFactory(host))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setExecutionExceptionHandler(errors)
        .setParameterExceptionHandler(errors);
  }
}

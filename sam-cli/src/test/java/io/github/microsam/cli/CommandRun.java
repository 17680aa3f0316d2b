package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.microsam.weights.ModelCache;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine;

/**
 * A command that was run in this process.
 *
 * @param exitCode what the shell would see
 * @param out standard output
 * @param err standard error
 */
record CommandRun(int exitCode, String out, String err) {

  /** Runs a command that does not need published models. */
  static CommandRun of(Object... args) {
    return run(new Host(false, CommandRun::noModels), args);
  }

  /** The same where standard error is a terminal. */
  static CommandRun onTerminal(Object... args) {
    return run(new Host(true, CommandRun::noModels), args);
  }

  private static ModelCache noModels() {
    throw new AssertionError("this command has no use for published models");
  }

  static CommandRun with(Supplier<ModelCache> models, Object... args) {
    return run(new Host(false, models), args);
  }

  private static CommandRun run(Host host, Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine =
        Main.commandLine(host)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    int exitCode =
        commandLine.execute(List.of(args).stream().map(Object::toString).toArray(String[]::new));
    return new CommandRun(exitCode, out.toString(), err.toString());
  }

  /** Standard output of a command that must have gone well. */
  String output() {
    assertEquals(0, exitCode, err);
    return out;
  }

  /** Standard error of a command that must have failed in at most two lines. */
  String failure() {
    assertEquals(1, exitCode, out + err);
    assertEquals("", out);
    assertEquals(true, err.lines().count() <= 2, err);
    return err;
  }

  /** Standard error of a command line that must have been wrong. */
  String misuse() {
    assertEquals(2, exitCode, out + err);
    assertEquals("", out);
    assertEquals(true, err.lines().count() <= 2, err);
    return err;
  }
}

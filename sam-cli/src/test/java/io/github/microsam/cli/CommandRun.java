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
    return with(
        () -> {
          throw new AssertionError("this command has no use for published models");
        },
        args);
  }

  static CommandRun with(Supplier<ModelCache> models, Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine =
        Main.commandLine(new Host(false, models))
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

package io.github.microsam.cli;

import io.github.microsam.embedding.CacheException;
import io.github.microsam.engine.PlanTooLargeException;
import io.github.microsam.image.ImageException;
import io.github.microsam.prompt.PromptException;
import io.github.microsam.segment.SegmentationException;
import io.github.microsam.train.TrainingException;
import io.github.microsam.train.config.ConfigException;
import io.github.microsam.train.data.DatasetException;
import io.github.microsam.weights.CheckpointException;
import io.github.microsam.weights.download.DownloadException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Errors as people want to see them: a line that says what is wrong and what to do, and the stack
 * trace only with {@code --verbose}.
 */
final class ErrorLines
    implements CommandLine.IExecutionExceptionHandler, CommandLine.IParameterExceptionHandler {

  /** A command failed. */
  @Override
  public int handleExecutionException(
      Exception error, CommandLine commandLine, ParseResult parsed) {
    PrintWriter err = commandLine.getErr();
    err.println(name(commandLine) + ": " + message(error));
    if (isVerbose(parsed)) {
      error.printStackTrace(err);
    } else if (!explainsItself(error)) {
      err.println("This should not happen; --verbose prints the stack trace that a report needs.");
    }
    err.flush();
    return ExitCode.SOFTWARE;
  }

  /** The command line is wrong. */
  @Override
  public int handleParseException(ParameterException error, String[] args) {
    CommandLine commandLine = error.getCommandLine();
    PrintWriter err = commandLine.getErr();
    err.println(name(commandLine) + ": " + error.getMessage());
    if (!UnmatchedArgumentException.printSuggestions(error, err)) {
      err.println("Try: " + name(commandLine) + " --help");
    }
    err.flush();
    return ExitCode.USAGE;
  }

  private static String name(CommandLine commandLine) {
    return commandLine.getCommandSpec().qualifiedName();
  }

  static boolean explainsItself(Exception error) {
    return error instanceof CheckpointException
        || error instanceof DownloadException
        || error instanceof ImageException
        || error instanceof CacheException
        || error instanceof PlanTooLargeException
        || error instanceof PromptException
        || error instanceof SegmentationException
        || error instanceof TrainingException
        || error instanceof ConfigException
        || error instanceof DatasetException
        || error instanceof CommandException
        || (error instanceof UncheckedIOException file && saysWhichFile(file));
  }

  /** A file that cannot be read or written is named by whoever tried, unlike in a bare cause. */
  private static boolean saysWhichFile(UncheckedIOException error) {
    return !error.getCause().toString().equals(error.getMessage());
  }

  static String message(Exception error) {
    if (explainsItself(error)) {
      return error.getMessage();
    }
    Throwable shown = error instanceof UncheckedIOException ? error.getCause() : error;
    return shown.getClass().getSimpleName()
        + (shown.getMessage() == null ? "" : ": " + shown.getMessage());
  }

  private static boolean isVerbose(ParseResult parsed) {
    for (ParseResult p = parsed; p != null; p = p.subcommand()) {
      if (p.hasMatchedOption(CommonOptions.VERBOSE)) {
        return true;
      }
    }
    return false;
  }
}

package io.github.microsam.cli;

import io.github.microsam.weights.ModelCache;
import java.io.Console;
import java.util.function.Supplier;

/**
 * What commands need to know of the machine they run on.
 *
 * @param terminal whether a person watches, so that a progress bar may redraw its line
 * @param models opens the cache of published models; asked by commands that need it only
 */
record Host(boolean terminal, Supplier<ModelCache> models) {

  /** This machine, as its environment variables say. */
  static Host ofEnvironment() {
    return new Host(isTerminal(System.console()), ModelCache::ofEnvironment);
  }

  /** Until Java 21 there is a console for a terminal only; since 22 it has to be asked. */
  private static boolean isTerminal(Console console) {
    if (console == null) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }
}

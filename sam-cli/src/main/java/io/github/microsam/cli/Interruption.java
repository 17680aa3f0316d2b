package io.github.microsam.cli;

/**
 * Lets what is being written be finished when the program is told to end (Ctrl-C), and nothing more
 * be begun.
 */
final class Interruption implements AutoCloseable {
  private final Thread hook;
  private boolean ending;

  /**
   * Watches from now on.
   *
   * @param farewell is run when the program has to end and nothing is being written
   */
  Interruption(Runnable farewell) {
    hook =
        new Thread(
            () -> {
              synchronized (this) {
                ending = true;
                farewell.run();
              }
            },
            "interruption");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Runs something that must be done whole or not at all. */
  synchronized void whole(Runnable writing) {
    if (!ending) {
      writing.run();
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The program is ending, and the hook has been run or soon will.
      Thread.currentThread().interrupt();
    }
  }
}

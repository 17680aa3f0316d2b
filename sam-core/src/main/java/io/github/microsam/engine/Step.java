package io.github.microsam.engine;

/** One thing that a plan does, with its arrays in place. */
interface Step extends AutoCloseable {

  /** Computes the outputs from the inputs. */
  void run();

  /** What is computed, for profiles. */
  String name();

  /** Frees what the step holds, which are not the arrays. */
  @Override
  void close();
}

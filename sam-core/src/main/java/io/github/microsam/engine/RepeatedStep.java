package io.github.microsam.engine;

/** A step that has run before and runs again, in the same memory. */
record RepeatedStep(Step step) implements Step {
  @Override
  public void run() {
    step.run();
  }

  @Override
  public String name() {
    return step.name() + " again";
  }

  /** Nothing: the step is closed where it runs first. */
  @Override
  public void close() {}
}

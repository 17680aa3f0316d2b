package io.github.microsam.engine;

/** A kernel in the place of stock operations. */
final class KernelStep implements Step {
  private final String name;
  private final KernelProvider.Kernel kernel;

  KernelStep(String name, KernelProvider.Kernel kernel) {
    this.name = name;
    this.kernel = kernel;
  }

  @Override
  public void run() {
    kernel.run();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void close() {
    kernel.close();
  }
}

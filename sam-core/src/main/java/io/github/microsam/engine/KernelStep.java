package io.github.microsam.engine;

/** A fused kernel in the place of a region. */
final class KernelStep implements Step {
  private final Region region;
  private final KernelProvider.Kernel kernel;

  KernelStep(Region region, KernelProvider.Kernel kernel) {
    this.region = region;
    this.kernel = kernel;
  }

  @Override
  public void run() {
    kernel.run();
  }

  @Override
  public String name() {
    return region.output().name() + " [" + region.kind() + "]";
  }

  @Override
  public void close() {
    kernel.close();
  }
}

package io.github.microsam.train.data;

import java.util.Optional;

/** Cuts varied patches out of planes. */
final class PatchCutter {
  /**
   * Places that are tried by chance, then as many around labels, and then as many around those that
   * count as objects in the whole plane.
   */
  private static final int ATTEMPTS = 20;

  private final PatchOptions options;
  private final Augmentation augmentation;

  PatchCutter(PatchOptions options, Augmentation augmentation) {
    this.options = options;
    this.augmentation = augmentation;
  }

  PatchOptions options() {
    return options;
  }

  Augmentation augmentation() {
    return augmentation;
  }

  /** A patch without targets; empty if none with an object was found. */
  Optional<Sample> cut(LabelledPlane plane, StableRandom random) {
    int[] aims = null;
    for (int attempt = 0; attempt < 3 * ATTEMPTS; attempt++) {
      boolean aimed = attempt >= ATTEMPTS;
      if (aimed && attempt % ATTEMPTS == 0) {
        aims = attempt == ATTEMPTS ? plane.labels() : objects(plane);
      }
      Orientation orientation = Orientation.draw(augmentation, random);
      int width = orientation.swapsSides() ? options.height() : options.width();
      int height = orientation.swapsSides() ? options.width() : options.height();
      PatchWindow window = window(plane, width, height, aims, random);
      int[] sources = orientation.sources(options.width(), options.height());
      int[] labels = turned(window.labels(plane, width, height), sources);
      if (options.separate()) {
        labels =
            PatchLabels.separated(labels, options.width(), options.height(), options.minSize());
      }
      int needed = aimed ? Math.min(1, options.minObjects()) : options.minObjects();
      if (PatchLabels.countObjects(labels, options.minSize()) >= needed) {
        float[] image = image(plane, window.values(plane, width, height), sources, random);
        return Optional.of(
            new Sample(options.width(), options.height(), image, labels, new float[0]));
      }
    }
    return Optional.empty();
  }

  private int[] objects(LabelledPlane plane) {
    return options.separate()
        ? PatchLabels.separated(plane.labels(), plane.width(), plane.height(), options.minSize())
        : plane.labels();
  }

  private PatchWindow window(
      LabelledPlane plane, int width, int height, int[] aims, StableRandom random) {
    double least = StrictMath.log(augmentation.minScale());
    double most = StrictMath.log(augmentation.maxScale());
    double scale = StrictMath.exp(random.nextDouble(least, most));
    int w = Math.max(1, (int) Math.round(width / scale));
    int h = Math.max(1, (int) Math.round(height / scale));
    int x = random.nextInt(Math.max(0, plane.width() - w) + 1);
    int y = random.nextInt(Math.max(0, plane.height() - h) + 1);
    if (aims != null) {
      int pixel = pixelOfAnObject(aims, random);
      if (pixel >= 0) {
        x = Math.max(0, Math.min(plane.width() - w, pixel % plane.width() - w / 2));
        y = Math.max(0, Math.min(plane.height() - h, pixel / plane.width() - h / 2));
      }
    }
    return new PatchWindow(x, y, w, h);
  }

  private static int pixelOfAnObject(int[] labels, StableRandom random) {
    int count = 0;
    for (int label : labels) {
      count += label == 0 ? 0 : 1;
    }
    if (count == 0) {
      return -1;
    }
    int left = random.nextInt(count);
    int pixel = 0;
    while (labels[pixel] == 0 || left-- > 0) {
      pixel++;
    }
    return pixel;
  }

  private static int[] turned(int[] labels, int[] sources) {
    int[] out = new int[sources.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = labels[sources[i]];
    }
    return out;
  }

  /** Three channels: one is repeated, two get a third of zeros, as in inference. */
  private float[] image(LabelledPlane plane, float[] values, int[] sources, StableRandom random) {
    int pixels = sources.length;
    int channels = plane.image().channels();
    float[] out = new float[channels * pixels];
    for (int c = 0; c < channels; c++) {
      for (int i = 0; i < pixels; i++) {
        out[c * pixels + i] = values[c * pixels + sources[i]];
      }
    }
    if (!unchanged()) {
      IntensityChange.draw(augmentation, random)
          .apply(out, channels, options.width(), options.height(), random);
    }
    float[] three = new float[3 * pixels];
    System.arraycopy(out, 0, three, 0, out.length);
    if (channels == 1) {
      System.arraycopy(out, 0, three, pixels, pixels);
      System.arraycopy(out, 0, three, 2 * pixels, pixels);
    }
    return three;
  }

  private boolean unchanged() {
    return augmentation.withOrientations(false, false).withScales(1, 1).equals(Augmentation.none());
  }
}

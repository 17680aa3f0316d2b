package io.github.microsam.bench;

import io.github.microsam.segment.AisOptions;
import io.github.microsam.segment.DistanceMaps;
import io.github.microsam.segment.DistanceWatershed;
import java.util.concurrent.TimeUnit;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.loops.LoopBuilder;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Automatic segmentation after the decoder: maps of round objects on a grid to a label image. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgs = {"-Xms3g", "-Xmx3g"})
@Warmup(iterations = 3)
@Measurement(iterations = 10)
public class DistanceWatershedBenchmark {
  private static final double RADIUS = 0.4;

  /** Side of the image in pixels; 1024 has 484 objects and 4096 has 7921. */
  @Param({"1024", "4096"})
  public int size;

  private DistanceMaps maps;
  private long objects;

  /** To be made by JMH. */
  public DistanceWatershedBenchmark() {}

  /** Draws the maps. */
  @Setup
  public void draw() {
    int spacing = 46;
    int perSide = size / spacing;
    objects = (long) perSide * perSide;
    float[] foreground = new float[size * size];
    float[] distance = new float[size * size];
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        boolean whole = x < perSide * spacing && y < perSide * spacing;
        double fromCentre =
            Math.hypot(x % spacing - spacing / 2, y % spacing - spacing / 2) / (RADIUS * spacing);
        boolean inside = whole && fromCentre < 1;
        foreground[y * size + x] = inside ? 1 : 0;
        distance[y * size + x] = inside ? (float) fromCentre : 1;
      }
    }
    maps =
        new DistanceMaps(
            ArrayImgs.floats(foreground, size, size),
            ArrayImgs.floats(distance, size, size),
            ArrayImgs.floats(distance.clone(), size, size));
  }

  /**
   * Makes objects.
   *
   * @return the label image
   */
  @Benchmark
  public RandomAccessibleInterval<UnsignedIntType> segment() {
    RandomAccessibleInterval<UnsignedIntType> labels =
        DistanceWatershed.segment(maps, AisOptions.defaults());
    long[] most = {0};
    LoopBuilder.setImages(labels).forEachPixel(p -> most[0] = Math.max(most[0], p.get()));
    if (most[0] != objects) {
      throw new IllegalStateException(most[0] + " objects, expected " + objects);
    }
    return labels;
  }
}

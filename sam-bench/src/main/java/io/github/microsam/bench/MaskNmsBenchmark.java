package io.github.microsam.bench;

import io.github.microsam.label.MaskNms;
import io.github.microsam.label.OverlapMeasure;
import io.github.microsam.label.RunLengths;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.imglib2.FinalInterval;
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

/**
 * Non-maximum suppression of masks: three for each of the objects of a grid, of which one stays.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgs = {"-Xms3g", "-Xmx3g"})
@Warmup(iterations = 3)
@Measurement(iterations = 10)
public class MaskNmsBenchmark {
  private static final int SIDE = 1024;
  private static final int SPACING = 32;
  private static final int RADIUS = 11;
  private static final int COPIES = 3;

  /** Masks of an image of 1024 by 1024 pixels. */
  @Param("3000")
  public int masks;

  private List<RunLengths> runs;
  private float[] scores;

  /** To be made by JMH. */
  public MaskNmsBenchmark() {}

  /** Draws the masks. */
  @Setup
  public void draw() {
    runs = new ArrayList<>();
    scores = new float[masks];
    int perRow = SIDE / SPACING;
    for (int i = 0; i < masks; i++) {
      int object = i / COPIES;
      int x = object % perRow * SPACING + SPACING / 2 + i % COPIES;
      int y = object / perRow * SPACING + SPACING / 2;
      runs.add(disc(x, y));
      scores[i] = (float) (i * 7919L % masks) / masks;
    }
  }

  private static RunLengths disc(int x0, int y0) {
    boolean[] pixels = new boolean[SIDE * SIDE];
    for (int y = y0 - RADIUS; y <= y0 + RADIUS; y++) {
      for (int x = x0 - RADIUS; x <= x0 + RADIUS; x++) {
        pixels[y * SIDE + x] = (x - x0) * (x - x0) + (y - y0) * (y - y0) <= RADIUS * RADIUS;
      }
    }
    return RunLengths.ofPixels(new FinalInterval(SIDE, SIDE), pixels);
  }

  /**
   * Selects masks.
   *
   * @return indices of those that stay
   */
  @Benchmark
  public int[] select() {
    int[] kept = MaskNms.keep(runs, scores, 0.5, OverlapMeasure.IOU);
    if (kept.length != (masks + COPIES - 1) / COPIES) {
      throw new IllegalStateException(kept.length + " of " + masks + " masks stay");
    }
    return kept;
  }
}

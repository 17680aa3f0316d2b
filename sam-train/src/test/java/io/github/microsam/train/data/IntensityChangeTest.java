package io.github.microsam.train.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Each change does what {@link Augmentation} says it does, within its bound and on both sides. */
class IntensityChangeTest {
  private static final int DRAWS = 40;
  private static final int SIDE = 41;

  /** Values from 100 to 155, far enough from 0 and 255. */
  private static float[] values(int channels) {
    float[] values = new float[channels * SIDE * SIDE];
    for (int i = 0; i < values.length; i++) {
      values[i] = 100 + i * 31 % 56;
    }
    return values;
  }

  private static float[] changed(Augmentation augmentation, float[] values, int seed) {
    StableRandom random = StableRandom.of(seed);
    float[] copy = values.clone();
    int channels = values.length / (SIDE * SIDE);
    IntensityChange.draw(augmentation, random).apply(copy, channels, SIDE, SIDE, random);
    return copy;
  }

  private interface Measure {
    double of(float[] before, float[] after);
  }

  /** What is measured of many draws, in order. */
  private static List<Double> measured(Augmentation augmentation, float[] values, Measure what) {
    List<Double> all = new ArrayList<>();
    for (int seed = 0; seed < DRAWS; seed++) {
      all.add(what.of(values, changed(augmentation, values, seed)));
    }
    Collections.sort(all);
    return all;
  }

  private static void requireWithin(double least, double most, List<Double> sorted) {
    double range = most - least;
    assertTrue(sorted.get(0) >= least - 1e-3, sorted.toString());
    assertTrue(sorted.get(0) < least + range / 4, sorted.toString());
    assertTrue(sorted.get(DRAWS - 1) <= most + 1e-3, sorted.toString());
    assertTrue(sorted.get(DRAWS - 1) > most - range / 4, sorted.toString());
  }

  private static double mean(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).average().orElseThrow();
  }

  private static double deviation(float[] values) {
    double mean = mean(values);
    return Math.sqrt(
        IntStream.range(0, values.length)
            .mapToDouble(i -> (values[i] - mean) * (values[i] - mean))
            .average()
            .orElseThrow());
  }

  @Test
  void contrastSpreadsAllValuesAroundTheirMean() {
    Augmentation contrast = new Augmentation(false, false, 1, 1, 0.5, 0, 0, 0, 0, 0, 0);
    requireWithin(
        1 / 1.5,
        1.5,
        measured(
            contrast,
            values(1),
            (before, after) -> {
              double factor = deviation(after) / deviation(before);
              for (int i = 0; i < before.length; i++) {
                assertEquals(mean(before) + factor * (before[i] - mean(before)), after[i], 1e-2);
                if (i > 60) {
                  break; // all 56 values were there
                }
              }
              return factor;
            }));
  }

  @Test
  void brightnessShiftsAllValues() {
    Augmentation brightness = new Augmentation(false, false, 1, 1, 0, 20, 0, 0, 0, 0, 0);
    requireWithin(
        -20,
        20,
        measured(
            brightness,
            values(3),
            (before, after) -> {
              for (int i = 0; i < before.length; i++) {
                assertEquals(after[0] - before[0], after[i] - before[i], 1e-3);
              }
              return after[0] - before[0];
            }));
  }

  @Test
  void gammaRaisesAllValuesToOnePower() {
    Augmentation gamma = new Augmentation(false, false, 1, 1, 0, 0, 0.5, 0, 0, 0, 0);
    requireWithin(
        1 / 1.5,
        1.5,
        measured(
            gamma,
            values(1),
            (before, after) -> {
              double exponent = Math.log(after[0] / 255) / Math.log(before[0] / 255);
              for (int i = 0; i < before.length; i++) {
                assertEquals(255 * Math.pow(before[i] / 255, exponent), after[i], 1e-2);
              }
              return exponent;
            }));
  }

  @Test
  void colourMultipliesEachChannel() {
    Augmentation colour = new Augmentation(false, false, 1, 1, 0, 0, 0, 0.2, 0, 0, 0);
    for (int channel = 0; channel < 3; channel++) {
      int start = channel * SIDE * SIDE;
      requireWithin(
          0.8,
          1.2,
          measured(
              colour,
              values(3),
              (before, after) -> {
                double factor = after[start] / before[start];
                for (int i = start; i < start + SIDE * SIDE; i++) {
                  assertEquals(factor * before[i], after[i], 1e-2);
                }
                return factor;
              }));
    }
  }

  @Test
  void noiseHasADeviationUpToItsBoundAndNoMean() {
    Augmentation noise = new Augmentation(false, false, 1, 1, 0, 0, 0, 0, 10, 0, 0);
    float[] grey = new float[SIDE * SIDE];
    Arrays.fill(grey, 128);
    requireWithin(
        0,
        10.6,
        measured(
            noise,
            grey,
            (before, after) -> {
              assertEquals(128, mean(after), 4 * 10.0 / SIDE);
              return deviation(after);
            }));
  }

  @Test
  void blurSpreadsAPointAndKeepsItsSum() {
    Augmentation blur = new Augmentation(false, false, 1, 1, 0, 0, 0, 0, 0, 3, 0);
    float[] point = new float[SIDE * SIDE];
    int centre = SIDE / 2;
    point[centre * SIDE + centre] = 255;
    requireWithin(
        0,
        3,
        measured(
            blur,
            point,
            (before, after) -> {
              double sum = 0;
              double squares = 0;
              for (int i = 0; i < after.length; i++) {
                double dx = i % SIDE - centre;
                sum += after[i];
                squares += after[i] * dx * dx;
              }
              assertEquals(255, sum, 0.5);
              return Math.sqrt(squares / sum);
            }));
  }

  @Test
  void inversionExchangesBrightAndDarkAsOftenAsItSays() {
    Augmentation half = new Augmentation(false, false, 1, 1, 0, 0, 0, 0, 0, 0, 0.5);
    List<Double> inverted =
        measured(
            half,
            values(1),
            (before, after) -> {
              boolean changed = after[0] != before[0];
              for (int i = 0; i < before.length; i++) {
                assertEquals(changed ? 255 - before[i] : before[i], after[i], 1e-4);
              }
              return changed ? 1 : 0;
            });
    double share = inverted.stream().mapToDouble(i -> i).average().orElseThrow();
    assertEquals(0.5, share, 0.25);
  }
}

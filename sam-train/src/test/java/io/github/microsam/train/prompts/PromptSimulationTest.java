package io.github.microsam.train.prompts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import io.github.microsam.golden.Golden;
import io.github.microsam.prompt.Prompt;
import io.github.microsam.train.data.StableRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PromptSimulationTest {
  private static final int W = 40;
  private static final int H = 30;

  private final PromptSimulation training =
      new PromptSimulation(PromptSimulationOptions.training());
  private final StableRandom random = StableRandom.of(1);

  /** An L of 3 (id 7) and a rectangle (id 2). */
  private static int[] labels() {
    int[] labels = new int[W * H];
    fill(labels, 10, 8, 22, 12, 7);
    fill(labels, 10, 12, 14, 20, 7);
    fill(labels, 30, 2, 36, 6, 2);
    return labels;
  }

  private static void fill(int[] labels, int x0, int y0, int x1, int y1, int id) {
    for (int y = y0; y < y1; y++) {
      Arrays.fill(labels, y * W + x0, y * W + x1, id);
    }
  }

  private static TrueObject ell() {
    return new TrueObjects(labels(), W, H).all().get(1);
  }

  private static int pixel(Prompt.Point point) {
    return (int) (point.y() * W + point.x());
  }

  @Test
  void objectsAreFoundWithBoxAndArea() {
    List<TrueObject> objects = new TrueObjects(labels(), W, H).all();
    assertEquals(List.of(2, 7), objects.stream().map(TrueObject::id).toList());
    assertEquals(new Prompt.Box(10, 8, 22, 20), ell().box());
    assertEquals(12 * 4 + 4 * 8, ell().area());
    boolean[] mask = ell().mask();
    assertEquals(ell().area(), IntStream.range(0, mask.length).filter(i -> mask[i]).count());
  }

  @Test
  void objectsAreDrawnWithoutReplacementEachAsOften() {
    int[] labels = IntStream.range(0, 20).toArray();
    TrueObjects objects = new TrueObjects(labels, 20, 1);
    int[] drawn = new int[20];
    for (int i = 0; i < 3800; i++) {
      List<Integer> ids = objects.sample(5, random).stream().map(TrueObject::id).toList();
      assertEquals(5, new TreeSet<>(ids).size());
      assertEquals(List.copyOf(new TreeSet<>(ids)), ids, "in the order of their ids");
      ids.forEach(id -> drawn[id]++);
    }
    for (int id = 1; id < 20; id++) {
      assertEquals(1000, drawn[id], 130, "times that object " + id + " was drawn, 4 sigma");
    }
    assertEquals(19, objects.sample(25, random).size());
  }

  @Test
  void boxesAreWithoutNoiseExactAndWithNoiseNeverTooSmall() {
    TrueObject object = ell();
    PromptSimulation exact = new PromptSimulation(PromptSimulationOptions.evaluation());
    assertEquals(object.box(), exact.box(object, random));

    PromptSimulation noisy = new PromptSimulation(new PromptSimulationOptions(0.5, 10));
    Set<Double> lefts = new TreeSet<>();
    for (int i = 0; i < 500; i++) {
      Prompt.Box box = noisy.box(object, random);
      lefts.add(box.x0());
      assertTrue(box.x0() <= 10 && box.x0() >= 4, "left " + box);
      assertTrue(box.y0() <= 8 && box.y0() >= 2, "top " + box);
      assertTrue(box.x1() >= 22 && box.x1() <= 28, "right " + box);
      assertTrue(box.y1() >= 20 && box.y1() <= 26, "bottom " + box);
    }
    assertEquals(Set.of(4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0), lefts);
    TrueObject atTheEdge = new TrueObjects(labels(), W, H).all().get(0);
    for (int i = 0; i < 100; i++) {
      Prompt.Box box =
          new PromptSimulation(new PromptSimulationOptions(3, 0)).box(atTheEdge, random);
      assertTrue(box.y0() >= 0 && box.x1() <= W, box.toString());
    }
  }

  @Test
  void positivePointsAreDifferentPixelsOfTheObjectAllOfThemPossible() {
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < 300; i++) {
      List<Prompt.Point> points = training.points(ell(), 4, 0, random);
      assertEquals(4, new HashSet<>(points).size());
      points.forEach(
          p -> {
            assertTrue(p.positive() && ell().contains(pixel(p)), p.toString());
            seen.add(pixel(p));
          });
    }
    assertEquals(ell().area(), seen.size(), "pixels of the object that were drawn at least once");
    assertEquals(100, training.points(ell(), 100, 0, random).size());
  }

  @Test
  void negativePointsLieAroundTheObjectAtADistance() {
    PromptSimulation simulation = new PromptSimulation(new PromptSimulationOptions(0, 3));
    IntPredicate ring =
        p -> p % W >= 7 && p % W < 25 && p / W >= 5 && p / W < 23 && chebyshev(ell(), p) > 3;
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < 2000; i++) {
      List<Prompt.Point> points = simulation.points(ell(), 1, 3, random);
      assertTrue(points.get(0).positive());
      for (Prompt.Point p : points.subList(1, 4)) {
        assertFalse(p.positive());
        assertTrue(ring.test(pixel(p)), p + " is not in the ring");
        seen.add(pixel(p));
      }
    }
    assertEquals(IntStream.range(0, W * H).filter(ring).count(), seen.size(), "pixels drawn");
  }

  private static int chebyshev(TrueObject object, int pixel) {
    int nearest = W + H;
    for (int i = 0; i < W * H; i++) {
      if (object.contains(i)) {
        int distance = Math.max(Math.abs(i % W - pixel % W), Math.abs(i / W - pixel / W));
        nearest = Math.min(nearest, distance);
      }
    }
    return nearest;
  }

  @Test
  void withoutRoomForNegativePointsTheyLieElsewhereInTheBackground() {
    TrueObject convex = new TrueObjects(labels(), W, H).all().get(0); // fills its box
    List<Prompt.Point> points = training.points(convex, 0, 20, random);
    assertEquals(20, new HashSet<>(points).size());
    points.forEach(p -> assertFalse(p.positive() || convex.contains(pixel(p)), p.toString()));
  }

  @Test
  void correctionsHitWhatIsMissingAndWhatIsTooMuch() {
    boolean[] predicted = new boolean[W * H];
    for (int i = 0; i < W * H; i++) {
      predicted[i] = i / W >= 8 && i / W < 14 && i % W >= 12 && i % W < 26; // cuts the object
    }
    Set<Integer> missing = new HashSet<>();
    Set<Integer> tooMuch = new HashSet<>();
    for (int i = 0; i < 3000; i++) {
      List<Prompt.Point> points = training.correction(ell(), predicted, random);
      assertEquals(List.of(true, false), points.stream().map(Prompt.Point::positive).toList());
      missing.add(pixel(points.get(0)));
      tooMuch.add(pixel(points.get(1)));
    }
    assertEquals(region(p -> ell().contains(p) && !predicted[p]), missing);
    assertEquals(region(p -> !ell().contains(p) && predicted[p]), tooMuch);
  }

  @Test
  void aPerfectPredictionIsCorrectedInTheObjectAndAroundItsBox() {
    boolean[] perfect = ell().mask();
    Set<Integer> inside = new HashSet<>();
    Set<Integer> around = new HashSet<>();
    for (int i = 0; i < 4000; i++) {
      List<Prompt.Point> points = training.correction(ell(), perfect, random);
      inside.add(pixel(points.get(0)));
      around.add(pixel(points.get(1)));
    }
    assertEquals(region(ell()::contains), inside);
    assertEquals(
        region(p -> p % W >= 7 && p % W < 25 && p / W >= 5 && p / W < 23 && !ell().contains(p)),
        around);
  }

  @Test
  void anObjectThatFillsTheImageGetsPositivePointsOnly() {
    int[] full = new int[W * H];
    Arrays.fill(full, 1);
    TrueObject object = new TrueObjects(full, W, H).all().get(0);
    List<Prompt.Point> points = training.correction(object, new boolean[W * H], random);
    assertEquals(List.of(true, true), points.stream().map(Prompt.Point::positive).toList());
    assertEquals(5, training.points(object, 2, 3, random).size());
  }

  @Test
  void theSameSeedDrawsTheSame() {
    assertEquals(
        training.points(ell(), 3, 3, StableRandom.of(4, 2)),
        training.points(ell(), 3, 3, StableRandom.of(4, 2)));
    assertFalse(
        training
            .points(ell(), 3, 3, StableRandom.of(4, 2))
            .equals(training.points(ell(), 3, 3, StableRandom.of(4, 3))));
  }

  /** The fixture's prompts were chosen by hand: the first ones are inside their objects. */
  @Test
  void pointsOfTheFixtureAreWhatTheFirstStepMayDraw() {
    Golden golden = Golden.open("train_step");
    List<TrueObject> objects = new TrueObjects(golden.array("labels").ints(), 160, 128).all();
    JsonArray first = golden.scalars().getAsJsonArray("first_points_xy");
    for (int o = 0; o < first.size(); o++) {
      for (JsonElement point : first.get(o).getAsJsonArray()) {
        JsonArray xy = point.getAsJsonArray();
        int pixel = xy.get(1).getAsInt() * 160 + xy.get(0).getAsInt();
        assertTrue(objects.get(o).contains(pixel), xy + " of object " + objects.get(o).id());
      }
    }
  }

  @Test
  void sizesThatDoNotFitAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new TrueObjects(new int[5], 2, 2));
    assertThrows(
        IllegalArgumentException.class, () -> training.correction(ell(), new boolean[3], random));
    assertThrows(IllegalArgumentException.class, () -> training.points(ell(), 0, 0, random));
  }

  private static Set<Integer> region(IntPredicate condition) {
    return new HashSet<>(IntStream.range(0, W * H).filter(condition).boxed().toList());
  }
}

package io.github.microsam.train.prompts;

import io.github.microsam.prompt.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;

/**
 * The prompts of a simulated annotator, in pixels of the label image: micro-sam's {@code
 * PointAndBoxPromptGenerator} and {@code IterativePromptGenerator}.
 *
 * <pre>{@code
 * TrueObject nucleus = new TrueObjects(labels, width, height).sample(25, random).get(0);
 * Prompt prompt = Prompt.points(simulation.points(nucleus, 1, 0, random));
 * boolean[] predicted = ...;                                     // of that prompt
 * prompt = prompt.and(Prompt.points(simulation.correction(nucleus, predicted, random)));
 * }</pre>
 *
 * <p>What is drawn depends on the arguments and the state of the generator only. Immutable, may be
 * shared by threads.
 */
public final class PromptSimulation {
  /** Where a prediction has no pixel too many, the negative point is this near to the box. */
  private static final int NEAR_BOX = 3;

  private final PromptSimulationOptions options;

  /**
   * A simulation.
   *
   * @param options of boxes and negative points
   */
  public PromptSimulation(PromptSimulationOptions options) {
    this.options = options;
  }

  /**
   * A box around an object: its bounding box, half open, each side moved outward by up to the box
   * noise, rounded to whole pixels (half to even) and cut at the image.
   *
   * @param object what the box is for
   * @param random where the draws come from
   * @return the box
   */
  public Prompt.Box box(TrueObject object, RandomGenerator random) {
    Prompt.Box box = object.box();
    if (options.boxNoise() == 0) {
      return box;
    }
    double height = (box.y1() - box.y0()) * options.boxNoise();
    double width = (box.x1() - box.x0()) * options.boxNoise();
    double y0 = Math.rint(Math.max(0, box.y0() - height * random.nextDouble()));
    double y1 = Math.rint(Math.min(object.imageHeight(), box.y1() + height * random.nextDouble()));
    double x0 = Math.rint(Math.max(0, box.x0() - width * random.nextDouble()));
    double x1 = Math.rint(Math.min(object.imageWidth(), box.x1() + width * random.nextDouble()));
    return new Prompt.Box(x0, y0, x1, y1);
  }

  /**
   * Points in an object and around it. Positive ones are pixels of the object, all different where
   * it has enough. Negative ones lie in the box enlarged by the negative distance, but not within
   * that distance (of rows and columns) of the object; where that is too small, the rest lie
   * anywhere outside the object, and where there is no outside they are positive ones, so that the
   * number of points is always the same.
   *
   * @param object what the points are for
   * @param positive number of points inside
   * @param negative number of points outside
   * @param random where the draws come from
   * @return positive points, then negative ones
   * @throws IllegalArgumentException if a number is negative, or both are 0
   */
  public List<Prompt.Point> points(
      TrueObject object, int positive, int negative, RandomGenerator random) {
    if (positive < 0 || negative < 0 || positive + negative == 0) {
      throw new IllegalArgumentException(
          "%d positive and %d negative points; expected at least one"
              .formatted(positive, negative));
    }
    List<Prompt.Point> points = new ArrayList<>();
    PixelWindow window = object.window(0);
    for (int pixel : filled(window, object::contains, positive, random)) {
      points.add(window.point(pixel, true));
    }
    if (negative > 0) {
      points.addAll(negatives(object, negative, random));
    }
    return points;
  }

  private List<Prompt.Point> negatives(TrueObject object, int count, RandomGenerator random) {
    PixelWindow around = object.window(options.negativeDistance());
    boolean[] near = Dilation.of(object, around, options.negativeDistance());
    List<Integer> pixels =
        new ArrayList<>(around.draw(p -> !near[Dilation.index(around, p)], count, random));
    PixelWindow image = object.image();
    while (pixels.size() < count) {
      int pixel = image.draw(p -> !object.contains(p) && !pixels.contains(p), random);
      pixels.add(pixel < 0 ? object.window(0).draw(object::contains, random) : pixel);
    }
    return pixels.stream().map(p -> image.point(p, object.contains(p))).toList();
  }

  /** Different pixels as far as there are, then any. */
  private static List<Integer> filled(
      PixelWindow window, IntPredicate region, int count, RandomGenerator random) {
    List<Integer> pixels = window.draw(region, count, random);
    while (pixels.size() < count) {
      pixels.add(window.draw(region, random));
    }
    return pixels;
  }

  /**
   * Corrects a prediction by two points: one in the part of the object that it misses, or anywhere
   * in the object if it misses nothing; and a negative one in what it has too much, or else within
   * 3 pixels of the object's box, or else anywhere outside the object. (If the object fills the
   * image there is no outside: then both are positive.)
   *
   * @param object the true object
   * @param predicted shape [height, width]: the predicted mask
   * @param random where the draws come from
   * @return the positive point and the negative one
   * @throws IllegalArgumentException if the mask is of another size than the label image
   */
  public List<Prompt.Point> correction(
      TrueObject object, boolean[] predicted, RandomGenerator random) {
    if (predicted.length != object.imageWidth() * object.imageHeight()) {
      throw new IllegalArgumentException(
          "a predicted mask of %d pixels for labels of %d x %d"
              .formatted(predicted.length, object.imageWidth(), object.imageHeight()));
    }
    PixelWindow inside = object.window(0);
    int positive = inside.draw(p -> object.contains(p) && !predicted[p], random);
    if (positive < 0) {
      positive = inside.draw(object::contains, random);
    }
    PixelWindow image = object.image();
    int negative = image.draw(p -> predicted[p] && !object.contains(p), random);
    if (negative < 0) {
      negative = object.window(NEAR_BOX).draw(p -> !object.contains(p), random);
    }
    if (negative < 0) {
      negative = image.draw(p -> !object.contains(p), random);
    }
    if (negative < 0) {
      negative = inside.draw(object::contains, random);
    }
    return List.of(image.point(positive, true), image.point(negative, object.contains(negative)));
  }
}

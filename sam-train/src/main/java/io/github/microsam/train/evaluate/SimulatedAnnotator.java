package io.github.microsam.train.evaluate;

import io.github.microsam.label.MaskMerging;
import io.github.microsam.label.MaskMergingOptions;
import io.github.microsam.label.ObjectCenters;
import io.github.microsam.label.RunLengths;
import io.github.microsam.prompt.Prompt;
import io.github.microsam.train.data.StableRandom;
import io.github.microsam.train.prompts.PromptSimulation;
import io.github.microsam.train.prompts.PromptSimulationOptions;
import io.github.microsam.train.prompts.TrueObject;
import io.github.microsam.train.prompts.TrueObjects;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.imglib2.FinalInterval;
import net.imglib2.Interval;
import net.imglib2.Point;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedIntType;

/**
 * Segments every object of an image as an annotator who knows the truth would: a first prompt, then
 * one positive and one negative point where the answer is wrong, added to all that was given before
 * (micro-sam's {@code run_inference_with_iterative_prompting}). The answers depend on the options'
 * seed, on nothing else that is random, and not on how many objects are prompted at once.
 *
 * <p>Immutable, may be shared by threads if the model may.
 */
public final class SimulatedAnnotator {
  private final AnnotatorOptions options;
  private final PromptSimulation simulation =
      new PromptSimulation(PromptSimulationOptions.evaluation());

  /**
   * An annotator.
   *
   * @param options what it does
   */
  public SimulatedAnnotator(AnnotatorOptions options) {
    this.options = options;
  }

  /**
   * What an iteration gave.
   *
   * @param labels the answers as label image (x, y), larger masks over smaller ones and pieces
   *     apart, as in the reference
   * @param ious of each object's mask with the true one, in the order of the true ids
   */
  public record Iteration(RandomAccessibleInterval<UnsignedIntType> labels, List<Double> ious) {

    /**
     * How well the masks fit.
     *
     * @return mean IoU over objects, NaN if there are none
     */
    public double meanIou() {
      return ious.stream().mapToDouble(iou -> iou).average().orElse(Double.NaN);
    }
  }

  /** The prompts of an object so far and the masks that they gave. */
  private static final class Session {
    final TrueObject object;
    final StableRandom random;
    Prompt prompt;
    PromptedModel.Answer last;

    Session(TrueObject object, StableRandom random, Prompt prompt) {
      this.object = object;
      this.random = random;
      this.prompt = prompt;
    }
  }

  /**
   * Annotates an image.
   *
   * @param model answers prompts for this image
   * @param labels shape [height, width]: true ids, 0 for background
   * @param width in pixels
   * @param height in pixels
   * @return one a iteration
   */
  public List<Iteration> annotate(PromptedModel model, int[] labels, int width, int height) {
    List<TrueObject> objects = new TrueObjects(labels, width, height).all();
    Map<Long, Point> centers =
        ObjectCenters.mostInterior(ArrayImgs.unsignedInts(labels, width, height));
    Interval image = new FinalInterval(width, height);
    List<List<RunLengths>> masks = new ArrayList<>();
    List<List<Double>> ious = new ArrayList<>();
    for (int i = 0; i < options.iterations(); i++) {
      masks.add(new ArrayList<>());
      ious.add(new ArrayList<>());
    }
    for (int start = 0; start < objects.size(); start += options.objectsAtOnce()) {
      int end = Math.min(objects.size(), start + options.objectsAtOnce());
      List<Session> sessions =
          objects.subList(start, end).stream().map(o -> begin(o, centers)).toList();
      for (int i = 0; i < options.iterations(); i++) {
        answer(model, sessions, i);
        for (Session session : sessions) {
          masks.get(i).add(RunLengths.ofPixels(image, session.last.mask()));
          ious.get(i).add(iou(session.object, session.last.mask()));
        }
      }
    }
    List<Iteration> iterations = new ArrayList<>();
    for (int i = 0; i < options.iterations(); i++) {
      iterations.add(
          new Iteration(
              MaskMerging.toLabels(masks.get(i), image, MaskMergingOptions.defaults()),
              ious.get(i)));
    }
    return iterations;
  }

  private Session begin(TrueObject object, Map<Long, Point> centers) {
    StableRandom random = StableRandom.of(options.seed(), object.id());
    Prompt.Box box = object.box();
    Point center = centers.get(Integer.toUnsignedLong(object.id()));
    Prompt first =
        switch (options.start()) {
          case BOX -> Prompt.box(box.x0(), box.y0(), box.x1(), box.y1());
          case POINT -> Prompt.point(center.getDoublePosition(0), center.getDoublePosition(1));
        };
    return new Session(object, random, first);
  }

  private void answer(PromptedModel model, List<Session> sessions, int iteration) {
    List<Prompt> prompts = new ArrayList<>();
    for (Session session : sessions) {
      if (iteration > 0) {
        session.prompt =
            session.prompt.and(
                Prompt.points(
                    simulation.correction(session.object, session.last.mask(), session.random)));
      }
      boolean handBack = iteration > 0 && options.useMasks() && session.last.logits().isPresent();
      prompts.add(
          handBack ? session.prompt.and(Prompt.mask(session.last.logits().get())) : session.prompt);
    }
    List<PromptedModel.Answer> answers = model.answers(prompts);
    for (int i = 0; i < answers.size(); i++) {
      sessions.get(i).last = answers.get(i);
    }
  }

  private static double iou(TrueObject object, boolean[] mask) {
    long shared = 0;
    long area = 0;
    for (int i = 0; i < mask.length; i++) {
      if (mask[i]) {
        area++;
        shared += object.contains(i) ? 1 : 0;
      }
    }
    return shared / (double) (object.area() + area - shared);
  }
}

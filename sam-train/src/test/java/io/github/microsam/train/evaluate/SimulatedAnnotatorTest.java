package io.github.microsam.train.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.prompt.MaskLogits;
import io.github.microsam.prompt.Prompt;
import io.github.microsam.train.data.LabelledPlane;
import io.github.microsam.train.synthetic.SyntheticCells;
import io.github.microsam.train.synthetic.SyntheticKind;
import io.github.microsam.train.synthetic.SyntheticOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.imglib2.img.array.ArrayImgs;
import org.junit.jupiter.api.Test;

class SimulatedAnnotatorTest {
  private static final LabelledPlane PLANE =
      SyntheticCells.generate(SyntheticOptions.of(SyntheticKind.NUCLEI).withSize(128, 96), 5);
  private static final AnnotatorOptions POINT =
      AnnotatorOptions.startingWith(AnnotatorOptions.Start.POINT);
  private static final AnnotatorOptions BOX =
      AnnotatorOptions.startingWith(AnnotatorOptions.Start.BOX);

  private static List<SimulatedAnnotator.Iteration> annotate(
      AnnotatorOptions options, PromptedModel model) {
    return new SimulatedAnnotator(options)
        .annotate(model, PLANE.labels(), PLANE.width(), PLANE.height());
  }

  private static int trueId(Prompt prompt) {
    Prompt.Point p = prompt.points().get(0);
    return PLANE.labels()[(int) (p.y() * PLANE.width() + p.x())];
  }

  private static boolean[] mask(int id) {
    boolean[] mask = new boolean[PLANE.labels().length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = PLANE.labels()[i] == id;
    }
    return mask;
  }

  /** Finds what lies within some pixels of positive points, and nothing else. */
  private static List<PromptedModel.Answer> nearby(List<Prompt> prompts, double reach) {
    List<PromptedModel.Answer> answers = new ArrayList<>();
    for (Prompt prompt : prompts) {
      boolean[] object = mask(trueId(prompt));
      boolean[] found = new boolean[object.length];
      for (int i = 0; i < found.length; i++) {
        for (Prompt.Point p : prompt.points()) {
          int y = i / PLANE.width();
          double dx = p.x() - i % PLANE.width();
          double dy = p.y() - y;
          found[i] |= object[i] && p.positive() && dx * dx + dy * dy < reach * reach;
        }
      }
      answers.add(new PromptedModel.Answer(found, Optional.empty()));
    }
    return answers;
  }

  @Test
  void aModelThatKnowsTheTruthIsPerfect() {
    PromptedModel perfect =
        prompts ->
            prompts.stream()
                .map(p -> new PromptedModel.Answer(mask(trueId(p)), Optional.empty()))
                .toList();
    for (SimulatedAnnotator.Iteration iteration : annotate(POINT, perfect)) {
      assertEquals(1, iteration.meanIou());
      Scores scores =
          Scores.of(
              iteration.labels(),
              ArrayImgs.unsignedInts(PLANE.labels(), PLANE.width(), PLANE.height()));
      assertEquals(new Scores(1, 1, 1, 1, 1, 1), scores);
    }
  }

  @Test
  void correctionsHelpAModelThatSeesOnlyNearThem() {
    List<SimulatedAnnotator.Iteration> iterations = annotate(POINT, p -> nearby(p, 7));
    assertEquals(8, iterations.size());
    for (int i = 1; i < iterations.size(); i++) {
      double before = iterations.get(i - 1).meanIou();
      double now = iterations.get(i).meanIou();
      assertTrue(now > before, "IoU %s after %s".formatted(now, before));
    }
    assertTrue(iterations.get(0).meanIou() < 0.7, "IoU " + iterations.get(0).meanIou());
    assertTrue(iterations.get(7).meanIou() > 0.8, "IoU " + iterations.get(7).meanIou());
  }

  @Test
  void objectsAreAnnotatedAloneAsTogether() {
    List<SimulatedAnnotator.Iteration> together = annotate(POINT, p -> nearby(p, 5));
    AnnotatorOptions two = new AnnotatorOptions(POINT.start(), 8, false, 2, POINT.seed());
    List<SimulatedAnnotator.Iteration> pairs = annotate(two, p -> nearby(p, 5));
    AnnotatorOptions other = new AnnotatorOptions(POINT.start(), 8, false, 32, 4);
    List<SimulatedAnnotator.Iteration> seed = annotate(other, p -> nearby(p, 5));
    for (int i = 0; i < 8; i++) {
      assertEquals(together.get(i).ious(), pairs.get(i).ious());
    }
    assertEquals(together.get(0).ious(), seed.get(0).ious(), "the first point is not drawn");
    assertNotEquals(together.get(7).ious(), seed.get(7).ious());
  }

  @Test
  void promptsGrowByTwoPointsAndMasksAreHandedBackOnlyIfAskedFor() {
    for (boolean masks : new boolean[] {false, true}) {
      List<List<Prompt>> asked = new ArrayList<>();
      PromptedModel model =
          prompts -> {
            asked.add(prompts);
            MaskLogits logits = new MaskLogits(new float[] {asked.size(), 0, 0, 0}, 2);
            return prompts.stream()
                .map(
                    p ->
                        new PromptedModel.Answer(
                            new boolean[PLANE.labels().length], Optional.of(logits)))
                .toList();
          };
      annotate(BOX.withMasks(masks).withIterations(3), model);
      assertEquals(3, asked.size());
      for (int i = 0; i < 3; i++) {
        for (Prompt prompt : asked.get(i)) {
          assertEquals(2 * i, prompt.points().size());
          assertTrue(prompt.box().isPresent());
          assertEquals(masks && i > 0, prompt.mask().isPresent());
        }
      }
      if (masks) {
        assertEquals(2f, asked.get(2).get(0).mask().orElseThrow().values()[0], "the last answer");
      }
    }
  }

  @Test
  void boxesAreExact() {
    List<Prompt> asked = new ArrayList<>();
    annotate(
        BOX.withIterations(1),
        prompts -> {
          asked.addAll(prompts);
          return prompts.stream()
              .map(
                  p ->
                      new PromptedModel.Answer(
                          new boolean[PLANE.labels().length], Optional.empty()))
              .toList();
        });
    for (int o = 0; o < asked.size(); o++) {
      Prompt.Box box = asked.get(o).box().orElseThrow();
      for (int i = 0; i < PLANE.labels().length; i++) {
        int x = i % PLANE.width();
        int y = i / PLANE.width();
        boolean inside = x >= box.x0() && x < box.x1() && y >= box.y0() && y < box.y1();
        assertFalse(PLANE.labels()[i] == o + 1 && !inside, "object " + (o + 1));
      }
    }
  }
}

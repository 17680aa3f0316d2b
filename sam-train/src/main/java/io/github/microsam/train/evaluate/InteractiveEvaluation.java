package io.github.microsam.train.evaluate;

import io.github.microsam.image.ImageSource;
import io.github.microsam.image.Tiling;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.SamPredictor;
import io.github.microsam.segment.SegmentationListener;
import io.github.microsam.train.data.ImageLabelDataset;
import io.github.microsam.train.data.LabelledPlane;
import java.util.ArrayList;
import java.util.List;
import net.imglib2.img.array.ArrayImgs;

/**
 * Lets simulated annotators use a model on the images of a data set, each of which is encoded once.
 * A model of native resolution sees images larger than its input in parts without overlap; objects
 * that a cut divides count in each part. Not for several threads at once.
 */
public final class InteractiveEvaluation {
  private final SamPredictor predictor;
  private final boolean cuts;
  private final int side;

  /**
   * An evaluation.
   *
   * @param model an open model, which stays the caller's
   */
  public InteractiveEvaluation(SamModel model) {
    predictor = new SamPredictor(model);
    cuts = model.options().nativeResolution();
    side = model.config().encoder().imageSize();
  }

  /**
   * Annotates images.
   *
   * @param images with their true objects
   * @param annotators each of them annotates every image
   * @param listener is told after every image
   * @return what they reached
   */
  public InteractiveReport run(
      ImageLabelDataset images, List<AnnotatorOptions> annotators, SegmentationListener listener) {
    List<InteractiveReport.Row> rows = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      listener.progress(i, images.size());
      ImageSource image = images.source(i);
      LabelledPlane plane = images.plane(i);
      Tiling parts =
          cuts
              ? Tiling.square(plane.width(), plane.height(), side, 0)
              : Tiling.square(
                  plane.width(), plane.height(), Math.max(plane.width(), plane.height()), 0);
      for (int p = 0; p < parts.count(); p++) {
        Tiling.Region part = parts.inner(p);
        String name = parts.count() == 1 ? images.name(i) : images.name(i) + " part " + p;
        rows.addAll(annotate(name, image.part(part), labels(plane, part), annotators));
      }
    }
    listener.progress(images.size(), images.size());
    return new InteractiveReport(rows);
  }

  private List<InteractiveReport.Row> annotate(
      String name, ImageSource image, int[] labels, List<AnnotatorOptions> annotators) {
    List<InteractiveReport.Row> rows = new ArrayList<>();
    boolean empty = true;
    for (int label : labels) {
      empty &= label == 0;
    }
    if (empty) {
      return rows; // a part without objects
    }
    PromptedModel model = PromptedModel.of(predictor, predictor.embed(image));
    for (AnnotatorOptions annotator : annotators) {
      List<SimulatedAnnotator.Iteration> iterations =
          new SimulatedAnnotator(annotator).annotate(model, labels, image.width(), image.height());
      for (int i = 0; i < iterations.size(); i++) {
        Scores scores =
            Scores.of(
                iterations.get(i).labels(),
                ArrayImgs.unsignedInts(labels, image.width(), image.height()));
        rows.add(new InteractiveReport.Row(name, annotator, i, scores, iterations.get(i).ious()));
      }
    }
    return rows;
  }

  private static int[] labels(LabelledPlane plane, Tiling.Region part) {
    int[] labels = new int[part.width() * part.height()];
    for (int y = 0; y < part.height(); y++) {
      int from = (part.y() + y) * plane.width() + part.x();
      System.arraycopy(plane.labels(), from, labels, y * part.width(), part.width());
    }
    return labels;
  }
}

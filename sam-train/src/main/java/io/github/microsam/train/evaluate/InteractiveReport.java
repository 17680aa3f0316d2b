package io.github.microsam.train.evaluate;

import io.github.microsam.io.WholeFile;
import io.github.microsam.train.report.CurvePlot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What simulated annotators reached, image by image. Immutable.
 *
 * @param rows one an image, annotator and iteration
 */
public record InteractiveReport(List<Row> rows) {

  /**
   * Copies the list.
   *
   * @param rows one an image, annotator and iteration
   */
  public InteractiveReport {
    rows = List.copyOf(rows);
  }

  /**
   * One image after one iteration.
   *
   * @param image its name
   * @param annotator what the annotator does
   * @param iteration 0 is the answer to the first prompt
   * @param scores of the label image
   * @param ious of each object's mask with the true one
   */
  public record Row(
      String image, AnnotatorOptions annotator, int iteration, Scores scores, List<Double> ious) {
    /**
     * Copies the list.
     *
     * @param image its name
     * @param annotator what the annotator does
     * @param iteration 0 is the answer to the first prompt
     * @param scores of the label image
     * @param ious of each object's mask with the true one
     */
    public Row {
      ious = List.copyOf(ious);
    }
  }

  /**
   * The scores of an annotator after an iteration.
   *
   * @param annotator what the annotator does
   * @param iteration from 0
   * @return mean over the images
   * @throws IllegalArgumentException if there is no such row
   */
  public Scores mean(AnnotatorOptions annotator, int iteration) {
    return Scores.mean(of(annotator, iteration).stream().map(Row::scores).toList());
  }

  /**
   * How well the masks of an annotator fit after an iteration.
   *
   * @param annotator what the annotator does
   * @param iteration from 0
   * @return mean IoU over all objects of all images, NaN if there are none
   */
  public double meanIou(AnnotatorOptions annotator, int iteration) {
    return of(annotator, iteration).stream()
        .flatMap(row -> row.ious().stream())
        .mapToDouble(iou -> iou)
        .average()
        .orElse(Double.NaN);
  }

  private List<Row> of(AnnotatorOptions annotator, int iteration) {
    return rows.stream()
        .filter(row -> row.annotator().equals(annotator) && row.iteration() == iteration)
        .toList();
  }

  /**
   * The annotators.
   *
   * @return in the order of their first rows
   */
  public List<AnnotatorOptions> annotators() {
    return rows.stream().map(Row::annotator).distinct().toList();
  }

  private static String name(AnnotatorOptions annotator) {
    return (annotator.start() == AnnotatorOptions.Start.BOX ? "box" : "point")
        + (annotator.useMasks() ? " with masks" : "");
  }

  /**
   * Writes all rows, and then the means over the images, whose name is {@code mean}.
   *
   * @param file CSV; an existing one is replaced
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public void write(Path file) {
    List<String> lines = new ArrayList<>();
    lines.add("image,prompt,iteration,objects,mean_iou,mSA,SA50,SA75");
    for (Row row : rows) {
      double iou = row.ious().stream().mapToDouble(v -> v).average().orElse(Double.NaN);
      lines.add(
          line(
              row.image(), row.annotator(), row.iteration(), row.ious().size(), iou, row.scores()));
    }
    for (AnnotatorOptions annotator : annotators()) {
      for (int i = 0; i < annotator.iterations(); i++) {
        int objects = of(annotator, i).stream().mapToInt(row -> row.ious().size()).sum();
        lines.add(line("mean", annotator, i, objects, meanIou(annotator, i), mean(annotator, i)));
      }
    }
    WholeFile.write(file, temporary -> Files.write(temporary, lines));
  }

  private static String line(
      String image,
      AnnotatorOptions annotator,
      int iteration,
      int objects,
      double iou,
      Scores scores) {
    return String.join(
        ",",
        image.replace(',', ';'),
        name(annotator),
        String.valueOf(iteration),
        String.valueOf(objects),
        String.valueOf(iou),
        String.valueOf(scores.msa()),
        String.valueOf(scores.sa50()),
        String.valueOf(scores.sa75()));
  }

  /**
   * A plot like the paper's Figure 2: mean segmentation accuracy over iterations, and lines of what
   * automatic segmentation reaches.
   *
   * @param title above the plot
   * @param automatic mean segmentation accuracy by the name of a mode
   * @return the plot
   */
  public CurvePlot plot(String title, Map<String, Double> automatic) {
    List<CurvePlot.Curve> curves = new ArrayList<>();
    int last = 0;
    for (AnnotatorOptions annotator : annotators()) {
      int n = annotator.iterations();
      last = Math.max(last, n - 1);
      curves.add(
          new CurvePlot.Curve(
              name(annotator),
              IntStream.range(0, n).mapToDouble(i -> i).toArray(),
              IntStream.range(0, n).mapToDouble(i -> mean(annotator, i).msa()).toArray(),
              true));
    }
    double[] ends = {0, Math.max(1, last)};
    automatic.forEach(
        (mode, msa) -> curves.add(new CurvePlot.Curve(mode, ends, new double[] {msa, msa}, false)));
    return new CurvePlot(title, "corrections", "mean segmentation accuracy", curves);
  }
}

package io.github.microsam.train.report;

import io.github.microsam.io.WholeFile;
import java.awt.Color;
import java.awt.Font;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Curves in a PNG file, drawn without a display. Immutable, may be shared by threads.
 *
 * @param title above the plot
 * @param xLabel below it
 * @param yLabel beside it
 * @param curves what is drawn
 */
public record CurvePlot(String title, String xLabel, String yLabel, List<Curve> curves) {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 560;

  /** Told apart also by those who do not see red and green (Okabe and Ito 2008). */
  private static final List<Color> COLOURS =
      List.of(
          new Color(0x0072B2),
          new Color(0xD55E00),
          new Color(0x009E73),
          new Color(0xCC79A7),
          new Color(0xE69F00),
          new Color(0x56B4E9),
          new Color(0x000000));

  /**
   * Copies the list.
   *
   * @param title above the plot
   * @param xLabel below it
   * @param yLabel beside it
   * @param curves what is drawn
   */
  public CurvePlot {
    curves = List.copyOf(curves);
  }

  /**
   * A curve. Points with NaN are left out.
   *
   * @param name in the legend, different from those of other curves
   * @param x where
   * @param y how much, as many values
   * @param points whether its points are marked
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Curve(String name, double[] x, double[] y, boolean points) {
    /**
     * Checks the numbers of values.
     *
     * @param name in the legend
     * @param x where
     * @param y how much
     * @param points whether its points are marked
     * @throws IllegalArgumentException if they differ
     */
    public Curve {
      if (x.length != y.length) {
        throw new IllegalArgumentException(
            "curve %s has %d places and %d values".formatted(name, x.length, y.length));
      }
    }
  }

  /**
   * Columns of a table over its first one.
   *
   * @param log the table
   * @param title above the plot
   * @param yLabel beside it
   * @param columns names of the columns that are drawn
   * @return the plot
   * @throws IllegalArgumentException if there is no such column
   */
  public static CurvePlot of(MetricLog log, String title, String yLabel, List<String> columns) {
    String first = log.columns().get(0);
    double[] x = log.values(first);
    return new CurvePlot(
        title,
        first,
        yLabel,
        columns.stream().map(c -> new Curve(c, x, log.values(c), false)).toList());
  }

  /**
   * Draws the plot.
   *
   * @return the picture
   */
  public BufferedImage draw() {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(xLabel)
            .yAxisTitle(yLabel)
            .build();
    chart
        .getStyler()
        .setChartBackgroundColor(Color.WHITE)
        .setLegendPosition(Styler.LegendPosition.OutsideE)
        .setLegendBorderColor(Color.WHITE)
        .setChartTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 18));
    for (int i = 0; i < curves.size(); i++) {
      add(chart, curves.get(i), COLOURS.get(i % COLOURS.size()));
    }
    return BitmapEncoder.getBufferedImage(chart);
  }

  private static void add(XYChart chart, Curve curve, Color colour) {
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    for (int i = 0; i < curve.x().length; i++) {
      if (Double.isFinite(curve.x()[i]) && Double.isFinite(curve.y()[i])) {
        x.add(curve.x()[i]);
        y.add(curve.y()[i]);
      }
    }
    if (x.isEmpty()) {
      return;
    }
    XYSeries series = chart.addSeries(curve.name(), x, y);
    series.setLineColor(colour);
    series.setMarkerColor(colour);
    boolean marked = curve.points() || x.size() == 1;
    series.setMarker(marked ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
  }

  /**
   * Writes the plot.
   *
   * @param file PNG; an existing one is replaced
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public void write(Path file) {
    BufferedImage picture = draw();
    WholeFile.write(file, temporary -> ImageIO.write(picture, "png", temporary.toFile()));
  }

  /**
   * Means over windows, to see through the noise of single steps.
   *
   * @param values one a step
   * @param window how many values before and after are averaged as well
   * @return as many values
   */
  public static double[] smoothed(double[] values, int window) {
    double[] out = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      out[i] =
          Arrays.stream(values, Math.max(0, i - window), Math.min(values.length, i + window + 1))
              .filter(v -> !Double.isNaN(v))
              .average()
              .orElse(Double.NaN);
    }
    return out;
  }
}

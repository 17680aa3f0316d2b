package io.github.microsam.bench;

import io.github.microsam.embedding.TileEmbeddings;
import io.github.microsam.image.ImageSource;
import io.github.microsam.image.Tiling;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.ImageEmbedding;
import io.github.microsam.prompt.Prediction;
import io.github.microsam.prompt.Prompt;
import io.github.microsam.prompt.SamPredictor;
import io.github.microsam.segment.AutomaticMaskGenerator;
import io.github.microsam.segment.GridMasks;
import io.github.microsam.segment.MaskSelectionOptions;
import io.github.microsam.segment.PointGridOptions;
import io.github.microsam.segment.Segmentation;
import io.github.microsam.segment.SegmentationListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Segmentation by a grid of points, of an image that is embedded: the mask decoder alone, all that
 * is computed once an image, and what is computed again for other thresholds. The weights are
 * random, so every mask is noise over the whole image: the worst that reading masks meets.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgs = {"-Xms3g", "-Xmx3g"})
@Warmup(iterations = 2)
@Measurement(iterations = 5)
public class PointGridBenchmark {
  private static final int BATCH = 64;

  /** The architecture. */
  @Param("small")
  public String model;

  /** Side of the encoder's input, and of the image, in pixels. */
  @Param("256")
  public int size;

  /** Points along a side of the image. */
  @Param("32")
  public int pointsPerSide;

  private SamModel sam;
  private SamPredictor predictor;
  private AutomaticMaskGenerator generator;
  private ImageEmbedding embedding;
  private GridMasks masks;

  /** To be made by JMH. */
  public PointGridBenchmark() {}

  /** Embeds the image and computes the masks once. */
  @Setup
  public void open() {
    sam = SamModel.random(Models.config(model, size), 1);
    predictor = new SamPredictor(sam);
    ImageSource image = Cells.image().part(new Tiling.Region(0, 0, size, size));
    embedding = predictor.embed(image);
    generator =
        new AutomaticMaskGenerator(
            predictor, PointGridOptions.defaults().withPointsPerSide(pointsPerSide));
    masks = generator.initialize(TileEmbeddings.of(embedding), SegmentationListener.SILENT);
  }

  /**
   * Runs the mask decoder for all points.
   *
   * @return its predictions
   */
  @Benchmark
  public List<List<Prediction>> decode() {
    List<List<Prediction>> predictions = new ArrayList<>();
    List<Prompt> batch = new ArrayList<>();
    for (int i = 0; i < pointsPerSide * pointsPerSide; i++) {
      int column = i % pointsPerSide;
      int row = i / pointsPerSide;
      double spacing = (double) size / pointsPerSide;
      batch.add(Prompt.point((column + 0.5) * spacing, (row + 0.5) * spacing));
      if (batch.size() == BATCH || i == pointsPerSide * pointsPerSide - 1) {
        predictions.addAll(predictor.candidates(embedding, batch));
        batch.clear();
      }
    }
    return predictions;
  }

  /**
   * Decodes and keeps the masks of all points.
   *
   * @return the masks
   */
  @Benchmark
  public GridMasks initialize() {
    GridMasks computed =
        generator.initialize(TileEmbeddings.of(embedding), SegmentationListener.SILENT);
    if (computed.count() != masks.count()) {
      throw new IllegalStateException(computed.count() + " masks, before " + masks.count());
    }
    return computed;
  }

  /**
   * Chooses masks and paints them, with thresholds that most of them pass.
   *
   * @return the objects
   */
  @Benchmark
  public Segmentation generate() {
    return masks.segment(MaskSelectionOptions.defaults().withThresholds(-10, 0));
  }

  /** Frees the model. */
  @TearDown
  public void close() {
    sam.close();
  }
}

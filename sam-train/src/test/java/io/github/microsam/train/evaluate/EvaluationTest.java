package io.github.microsam.train.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.golden.Golden;
import io.github.microsam.image.ImageSource;
import io.github.microsam.io.LabelFile;
import io.github.microsam.model.SamModel;
import io.github.microsam.segment.AisOptions;
import io.github.microsam.segment.ApgOptions;
import io.github.microsam.segment.AutomaticSegmentation;
import io.github.microsam.segment.MaskSelectionOptions;
import io.github.microsam.segment.Mode;
import io.github.microsam.segment.SegmentationListener;
import io.github.microsam.segment.SegmentationOptions;
import io.github.microsam.train.data.DatasetOptions;
import io.github.microsam.train.data.ImageLabelDataset;
import io.github.microsam.train.data.LabelledPlane;
import io.github.microsam.train.data.Manifest;
import io.github.microsam.train.synthetic.SyntheticCells;
import io.github.microsam.train.synthetic.SyntheticKind;
import io.github.microsam.train.synthetic.SyntheticOptions;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedByteType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTest {
  private static final SamConfig TINY =
      new SamConfig(
          new VitConfig(64, 16, 24, 2, 2, 96, 3, List.of(1), 16),
          new MaskDecoderConfig(3, 2, 8, 32, 3, 16, 16),
          Optional.of(new UnetrConfig(4, 4, false, 3)));

  @TempDir private Path folder;

  private ImageLabelDataset images(int count) {
    for (int i = 0; i < count; i++) {
      LabelledPlane plane =
          SyntheticCells.generate(SyntheticOptions.of(SyntheticKind.NUCLEI).withSize(80, 60), i);
      LabelFile.write(folder.resolve("labels/" + i + ".png"), labels(plane));
      LabelFile.write(
          folder.resolve("images/" + i + ".png"),
          ArrayImgs.unsignedBytes(plane.image().pixels(), 80, 60));
    }
    return ImageLabelDataset.open(
        folder.resolve("images"), folder.resolve("labels"), DatasetOptions.defaults());
  }

  private static RandomAccessibleInterval<UnsignedIntType> labels(LabelledPlane plane) {
    return ArrayImgs.unsignedInts(plane.labels(), plane.width(), plane.height());
  }

  @Test
  void annotatorsUseAModelOnEveryImageTheSameWayEachTime() throws IOException {
    ImageLabelDataset images = images(2);
    List<AnnotatorOptions> annotators =
        List.of(
            AnnotatorOptions.startingWith(AnnotatorOptions.Start.POINT).withIterations(2),
            AnnotatorOptions.startingWith(AnnotatorOptions.Start.BOX)
                .withIterations(3)
                .withMasks(true));
    try (SamModel model = SamModel.random(TINY, 1)) {
      InteractiveEvaluation evaluation = new InteractiveEvaluation(model);
      InteractiveReport report = evaluation.run(images, annotators, SegmentationListener.SILENT);
      assertEquals(2 * (2 + 3), report.rows().size());
      assertEquals(annotators, report.annotators());
      assertEquals(
          report, evaluation.run(images, annotators, SegmentationListener.SILENT), "again");
      Path file = folder.resolve("interactive.csv");
      report.write(file);
      List<String> lines = Files.readAllLines(file);
      assertEquals(1 + 10 + 5, lines.size());
      assertTrue(lines.get(15).startsWith("mean,box with masks,2,"), lines.get(15));
      assertTrue(
          lines.get(15).contains("," + report.meanIou(annotators.get(1), 2) + ","), lines.get(15));
      report.plot("Tiny", Map.of("AIS", 0.3)).write(folder.resolve("interactive.png"));
      assertTrue(Files.size(folder.resolve("interactive.png")) > 1000);
    }
  }

  @Test
  void searchesTryEveryOptionInEveryMode() throws IOException {
    ImageLabelDataset images = images(2);
    SegmentationOptions options =
        SegmentationOptions.reference().withGrid(g -> g.withPointsPerSide(3));
    AisOptions ais = AisOptions.defaults().withForegroundThreshold(0.3);
    ApgOptions apg = ApgOptions.defaults().withMapThresholds(0.7, 0.7, 0.3);
    MaskSelectionOptions amg = MaskSelectionOptions.defaults().withThresholds(-1, 0);
    try (SamModel model = SamModel.random(TINY, 1)) {
      AutomaticEvaluation evaluation = new AutomaticEvaluation(model);
      GridSearch<AisOptions> search =
          evaluation.searchAis(
              images, List.of(ais, ais.withMinSize(5)), options, SegmentationListener.SILENT);
      assertEquals(2, search.entries().size());
      assertEquals(
          Scores.mean(
              evaluation.run(
                  images,
                  AutomaticSegmentation.of(model, Mode.AIS),
                  options.withAis(o -> ais),
                  SegmentationListener.SILENT)),
          search.entries().get(0).scores(),
          "the same as without precomputed state");
      search.write(folder.resolve("ais.csv"));
      List<String> lines = Files.readAllLines(folder.resolve("ais.csv"));
      assertEquals(3, lines.size());
      assertTrue(lines.get(0).endsWith("minSize,mSA,SA50,SA75"), lines.get(0));
      assertEquals(
          1,
          evaluation
              .searchAmg(images, List.of(amg), options, SegmentationListener.SILENT)
              .entries()
              .size());
      assertEquals(
          1,
          evaluation
              .searchApg(images, List.of(apg), options, SegmentationListener.SILENT)
              .entries()
              .size());
    }
  }

  private record Choice(int shift) {}

  @Test
  void theBestOptionsAreThoseWithTheHighestMean() {
    LabelledPlane plane =
        SyntheticCells.generate(SyntheticOptions.of(SyntheticKind.NUCLEI).withSize(80, 60), 1);
    GridSearch<Choice> search =
        new GridSearch<>(List.of(new Choice(3), new Choice(1), new Choice(0), new Choice(0)));
    search.add(choice -> shifted(plane, choice.shift()), labels(plane));
    assertEquals(new Choice(0), search.best().options());
    assertEquals(1, search.best().scores().msa());
    assertTrue(search.entries().get(1).scores().msa() > search.entries().get(0).scores().msa());
  }

  private static RandomAccessibleInterval<UnsignedIntType> shifted(LabelledPlane plane, int by) {
    int[] labels = new int[plane.labels().length];
    System.arraycopy(plane.labels(), by, labels, 0, labels.length - by);
    return ArrayImgs.unsignedInts(labels, plane.width(), plane.height());
  }

  @Test
  void gridsAreThoseOfTheReference() {
    List<AisOptions> ais = SearchGrids.ais(AisOptions.defaults());
    assertEquals(5 * 5 * 6 * 3, ais.size());
    assertEquals(0.6, ais.get(ais.size() - 20).boundaryDistanceThreshold());
    assertEquals(2.0, ais.get(ais.size() - 1).distanceSmoothing());
    List<MaskSelectionOptions> amg = SearchGrids.amg(MaskSelectionOptions.defaults());
    assertEquals(13 * 15, amg.size());
    assertEquals(0.9, amg.get(amg.size() - 1).iouThreshold());
    assertEquals(0.95, amg.get(amg.size() - 1).stabilityThreshold());
    assertEquals(5 * 5 * 3 * 5 * 2, SearchGrids.apg(ApgOptions.defaults()).size());
  }

  @Test
  void scoresCountObjects() {
    int[] truth = new int[40];
    int[] predicted = new int[40];
    for (int i = 0; i < 10; i++) {
      truth[i] = 1;
      truth[20 + i] = 2;
      predicted[i] = i < 6 ? 1 : 0; // IoU 0.6
      predicted[30 + i] = 3;
    }
    Scores scores =
        Scores.of(ArrayImgs.unsignedInts(predicted, 40, 1), ArrayImgs.unsignedInts(truth, 40, 1));
    assertEquals(1 / 3.0, scores.sa50(), 1e-12);
    assertEquals(0, scores.sa75());
    assertEquals(2 / 30.0, scores.msa(), 1e-12, "the threshold after 0.55 is a little above 0.6");
    assertEquals(new Scores(scores.msa(), scores.sa50(), 0, 0.5, 0.5, 0.5), scores);
  }

  @Test
  void theBaselineSeparatesDisksThatTouchBrightOrDark() {
    byte[] pixels = new byte[100 * 60];
    for (int i = 0; i < pixels.length; i++) {
      int x = i % 100;
      int y = i / 100;
      boolean disk = StrictMath.hypot(x - 30, y - 30) < 16 || StrictMath.hypot(x - 59, y - 30) < 16;
      pixels[i] = (byte) (disk ? 200 : 20);
    }
    for (boolean inverted : new boolean[] {false, true}) {
      byte[] shown = pixels.clone();
      for (int i = 0; inverted && i < shown.length; i++) {
        shown[i] = (byte) (255 - (shown[i] & 0xff));
      }
      RandomAccessibleInterval<UnsignedByteType> image = ArrayImgs.unsignedBytes(shown, 100, 60);
      int objects = 0;
      for (UnsignedIntType label : OtsuWatershed.defaults().segment(ImageSource.of(image))) {
        objects = Math.max(objects, label.getInt());
      }
      assertEquals(2, objects);
    }
  }

  @Test
  void otsuSeparatesTheTwoClasses() {
    float[] grey = new float[100];
    for (int i = 0; i < 100; i++) {
      grey[i] = i < 70 ? 20 + i % 5 : 150 + i % 7;
    }
    double threshold = OtsuWatershed.threshold(grey);
    assertTrue(threshold >= 24 && threshold < 150, "threshold " + threshold);
  }

  /** The number to beat: fluorescence of the validation set. */
  @Test
  void theBaselineReachesHalfOnRealNuclei() {
    Path data = Golden.shared("data/dsb2018/val");
    Manifest manifest = Manifest.read(data.resolve("manifest.tsv"));
    ImageLabelDataset images =
        ImageLabelDataset.open(
                data.resolve("images"), data.resolve("labels"), DatasetOptions.defaults())
            .weighted(f -> manifest.value(f, "modality").equals("fluorescence") ? 1 : 0);
    List<Scores> scores = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      scores.add(
          Scores.of(OtsuWatershed.defaults().segment(images.source(i)), labels(images.plane(i))));
    }
    assertEquals(0.510, Scores.mean(scores).msa(), 0.001);
    assertEquals(0.747, Scores.mean(scores).sa50(), 0.001);
  }
}

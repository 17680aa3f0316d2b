package io.github.microsam.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.microsam.embedding.TileEmbeddings;
import io.github.microsam.golden.Fill;
import io.github.microsam.golden.Golden;
import io.github.microsam.image.ImageSource;
import io.github.microsam.image.Tiling;
import io.github.microsam.label.RunLengths;
import io.github.microsam.label.StabilityScore;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.ImageEmbedding;
import io.github.microsam.prompt.Prediction;
import io.github.microsam.prompt.Prompt;
import io.github.microsam.prompt.SamPredictor;
import io.github.microsam.prompt.SmallModel;
import java.util.ArrayList;
import java.util.List;
import net.imglib2.FinalInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.view.Views;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The set {@code amg_small}: from an image to objects, as the reference's generator. */
class AutomaticMaskGeneratorTest {
  private static final int WIDTH = 240;
  private static final int HEIGHT = 180;

  private static SamModel model;
  private static SamPredictor predictor;

  @BeforeAll
  static void open() {
    model = SmallModel.open();
    predictor = new SamPredictor(model);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static ImageSource image() {
    return ImageSource.of(
        Views.moveAxis(ArrayImgs.unsignedBytes(Fill.image(HEIGHT, WIDTH), 3, WIDTH, HEIGHT), 0, 2));
  }

  @Test
  void endToEndAsTheReference() {
    Golden golden = Golden.open("amg_small");
    JsonObject scalars = golden.scalars();
    GridMasks masks =
        new AutomaticMaskGenerator(
                predictor,
                PointGridOptions.defaults()
                    .withPointsPerSide(8)
                    .withPointsPerBatch(16)
                    .withStabilityOffset(scalars.get("stability_score_offset").getAsDouble()))
            .initialize(
                TileEmbeddings.of(predictor.embed(SmallModel.image(WIDTH, HEIGHT))),
                SegmentationListener.SILENT);
    assertEquals(192, masks.count());
    assertScores(golden, masks);
    MaskSelectionOptions options =
        MaskSelectionOptions.defaults()
            .withThresholds(
                scalars.get("pred_iou_thresh").getAsDouble(),
                scalars.get("stability_score_thresh").getAsDouble())
            .withNms(scalars.get("box_nms_thresh").getAsDouble(), 0.7);
    JsonArray expected = scalars.getAsJsonArray("annotations");
    List<MaskCandidate> chosen = masks.masks(options);
    assertEquals(expected.size(), chosen.size());
    for (int i = 0; i < chosen.size(); i++) {
      JsonObject record = expected.get(i).getAsJsonObject();
      JsonArray point = record.getAsJsonArray("point");
      assertEquals(point.get(0).getAsDouble(), chosen.get(i).x(), 1e-6, "x of mask " + i);
      assertEquals(point.get(1).getAsDouble(), chosen.get(i).y(), 1e-6, "y of mask " + i);
      assertEquals(
          record.get("area").getAsDouble(), (double) chosen.get(i).mask().area(), 5, "area " + i);
    }
    int[] ids = Scenes.ids(masks.segment(options).labels());
    int[] reference = golden.array("segmentation").ints();
    int different = 0;
    for (int i = 0; i < ids.length; i++) {
      different += (ids[i] == 0) == (reference[i] == 0) ? 0 : 1;
    }
    assertTrue(different <= 10, different + " pixels are objects in one only");
    Scenes.assertSameObjects(
        Scenes.labels(golden.array("segmentation")), masks.segment(options).labels(), 0.5);
  }

  /** Of all masks, in the order of the points. */
  private static void assertScores(Golden golden, GridMasks masks) {
    MaskSelectionOptions all = MaskSelectionOptions.defaults().withThresholds(0, 0).withNms(1, 1);
    float[] iou = golden.array("iou_preds").floats();
    float[] stability = golden.array("stability").floats();
    int[] boxes = golden.array("boxes").ints();
    List<MaskCandidate> byPoint = new ArrayList<>(masks.masks(all));
    assertEquals(iou.length, byPoint.size());
    for (int i = 0; i < iou.length; i++) {
      float wanted = iou[i];
      MaskCandidate nearest = byPoint.get(0);
      for (MaskCandidate m : byPoint) {
        nearest =
            Math.abs(m.iouPrediction() - wanted) < Math.abs(nearest.iouPrediction() - wanted)
                ? m
                : nearest;
      }
      assertEquals(wanted, nearest.iouPrediction(), golden.tolerance("iou_preds"), "IoU " + i);
      assertEquals(stability[i], nearest.stability(), golden.tolerance("stability"), "mask " + i);
      assertEquals(boxes[4 * i], (double) nearest.box().min(0), 1, "left of mask " + i);
      assertEquals(boxes[4 * i + 1], (double) nearest.box().min(1), 1, "top of mask " + i);
      assertEquals(boxes[4 * i + 2], (double) nearest.box().max(0), 1, "right of mask " + i);
      assertEquals(boxes[4 * i + 3], (double) nearest.box().max(1), 1, "bottom of mask " + i);
    }
  }

  @Test
  void readingAPartOfAMaskIsReadingAllOfIt() {
    ImageEmbedding embedding = predictor.embed(image());
    for (Prediction p : predictor.candidates(embedding, Prompt.point(60, 70))) {
      float top = 0;
      for (float logit : p.lowResLogits().values()) {
        top = Math.max(top, logit);
      }
      for (float share : new float[] {-1, 0, 0.5f, 0.9f, 0.999f, 2}) {
        float threshold = share * top;
        float offset = 0.05f * top;
        MaskReading reading = MaskReading.of(p, 100, 50, threshold, offset);
        RunLengths whole = RunLengths.above(p.logits(), threshold);
        assertEquals(
            whole,
            RunLengths.of(
                new FinalInterval(WIDTH, HEIGHT),
                reading
                    .mask()
                    .within(FinalInterval.createMinSize(100, 50, WIDTH, HEIGHT))
                    .counts()));
        float stability = StabilityScore.of(p.logits(), threshold, offset);
        assertEquals(stability, reading.stability());
      }
    }
  }

  @Test
  void cropsAndTilesHaveMasksOfTheirOwn() {
    PointGridOptions options = PointGridOptions.defaults().withPointsPerSide(4);
    List<Long> steps = new ArrayList<>();
    new AutomaticMaskGenerator(predictor, options.withCrops(1, 0.3, 2))
        .initialize(image(), (done, total) -> steps.add(1000 * total + done));
    assertEquals(List.of(32000L, 32016L, 32020L, 32024L, 32028L, 32032L), steps);
    Tiling tiling = Tiling.square(WIDTH, HEIGHT, 120, 20);
    TileEmbeddings tiles = TileEmbeddings.compute(predictor, image(), tiling);
    GridMasks masks =
        new AutomaticMaskGenerator(predictor, options)
            .initialize(tiles, SegmentationListener.SILENT);
    for (MaskCandidate m :
        masks.masks(MaskSelectionOptions.defaults().withThresholds(0, 0).withNms(1, 1))) {
      assertEquals(new FinalInterval(WIDTH, HEIGHT), m.mask().frame());
    }
    assertThrows(
        SegmentationException.class,
        () ->
            new AutomaticMaskGenerator(predictor, options.withCrops(1, 0.3, 1))
                .initialize(tiles, SegmentationListener.SILENT));
  }

  @Test
  void constantImagesAndSinglePixelsAreSegmented() {
    AutomaticMaskGenerator generator =
        new AutomaticMaskGenerator(predictor, PointGridOptions.defaults().withPointsPerSide(2));
    for (int side : new int[] {1, 30}) {
      GridMasks masks = generator.initialize(ImageSource.of(ArrayImgs.unsignedBytes(side, side)));
      assertEquals(side, masks.segment(MaskSelectionOptions.defaults()).labels().dimension(0));
    }
  }
}

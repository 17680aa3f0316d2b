package io.github.microsam.label;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.microsam.golden.Golden;
import io.github.microsam.golden.NpyArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.imglib2.FinalInterval;
import net.imglib2.Interval;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The set {@code amg}: twenty masks from fixed logits, put through each step and all of them. */
class AmgGoldenTest {
  private static final int WIDTH = 128;
  private static final int HEIGHT = 96;
  private static final Interval IMAGE = new FinalInterval(WIDTH, HEIGHT);

  private Golden golden;
  private float[] logits;
  private List<RunLengths> masks;
  private float[] ious;

  @BeforeEach
  void open() {
    golden = Golden.open("amg");
    logits = golden.array("logits").floats();
    masks = IntStream.range(0, 20).mapToObj(i -> RunLengths.above(logits(i), 0)).toList();
    ious = golden.array("ious").floats();
  }

  private RandomAccessibleInterval<FloatType> logits(int mask) {
    int n = WIDTH * HEIGHT;
    return ArrayImgs.floats(Arrays.copyOfRange(logits, mask * n, (mask + 1) * n), WIDTH, HEIGHT);
  }

  @ParameterizedTest
  @CsvSource({"0.0, 1.0", "0.0, 0.5", "1.5, 1.0"})
  void stabilityScores(String threshold, String offset) {
    String name = "stability_t" + threshold + "_o" + offset;
    double[] expected = golden.array(name).values();
    for (int i = 0; i < expected.length; i++) {
      float actual =
          StabilityScore.of(logits(i), Double.parseDouble(threshold), Double.parseDouble(offset));
      assertEquals(expected[i], actual, golden.tolerance(name), name + " of mask " + i);
    }
  }

  @Test
  void boxesEndWithTheLastPixel() {
    int[] expected = golden.array("boxes").ints();
    for (int i = 0; i < masks.size(); i++) {
      assertArrayEquals(
          Arrays.copyOfRange(expected, 4 * i, 4 * i + 4), samBox(masks.get(i)), "mask " + i);
    }
  }

  @Test
  void runLengthsAreSams() {
    JsonArray expected = golden.scalars().getAsJsonArray("rle");
    for (int i = 0; i < expected.size(); i++) {
      JsonObject rle = expected.get(i).getAsJsonObject();
      assertArrayEquals(ints(rle.getAsJsonArray("counts")), masks.get(i).counts(), "mask " + i);
      assertArrayEquals(
          ints(rle.getAsJsonArray("size")),
          new int[] {
            (int) masks.get(i).frame().dimension(1), (int) masks.get(i).frame().dimension(0)
          });
    }
    assertArrayEquals(
        ints(golden.scalars().getAsJsonArray("area_from_rle")),
        masks.stream().mapToInt(mask -> (int) mask.area()).toArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.3", "0.7", "0.9"})
  void boxNmsIsTorchvisions(String threshold) {
    int[] kept = BoxNms.keep(boxes(masks), ious, Double.parseDouble(threshold));
    assertArrayEquals(golden.array("nms_keep_" + threshold).ints(), kept);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 7, 10})
  void smallRegionsAreSams(int mask) {
    for (int area : new int[] {20, 1000}) {
      String name = "small_regions_m" + mask + "_holes_" + area;
      assertCleaned(name, SmallRegions.fillHoles(masks.get(mask).toMask(), area));
      name = "small_regions_m" + mask + "_islands_" + area;
      assertCleaned(name, SmallRegions.removeIslands(masks.get(mask).toMask(), area));
    }
  }

  private void assertCleaned(String name, SmallRegions.Cleaned actual) {
    int[] packed = golden.array(name).ints();
    int[] expected = new int[WIDTH * HEIGHT];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = packed[i / 8] >> (7 - i % 8) & 1;
    }
    Images.assertSame(name, expected, Images.bits(actual.mask()), WIDTH);
    for (JsonElement array : golden.manifest().getAsJsonArray("arrays")) {
      JsonObject entry = array.getAsJsonObject();
      if (entry.get("name").getAsString().equals(name)) {
        boolean changed = entry.get("by").getAsString().contains("changed=True");
        assertEquals(changed, actual.changed(), name);
      }
    }
  }

  @Test
  void maskOverlaps() {
    List<RunLengths> nonEmpty = nonEmpty();
    assertOverlaps("mask_iou_matrix", MaskNms.overlaps(nonEmpty, OverlapMeasure.IOU));
    assertOverlaps(
        "mask_iomin_matrix", MaskNms.overlaps(nonEmpty, OverlapMeasure.INTERSECTION_OVER_MIN));
  }

  private void assertOverlaps(String name, float[][] actual) {
    float[] flat = new float[actual.length * actual.length];
    for (int i = 0; i < actual.length; i++) {
      System.arraycopy(actual[i], 0, flat, i * actual.length, actual.length);
    }
    golden.assertMatches(name, new long[] {actual.length, actual.length}, flat);
  }

  @Test
  void suppressionOfMasksAndMerging() {
    assertNms("apply_nms_iou09", 25, Long.MAX_VALUE, 0.9, OverlapMeasure.IOU);
    assertNms("apply_nms_iou05", 25, Long.MAX_VALUE, 0.5, OverlapMeasure.IOU);
    assertNms("apply_nms_iomin05", 25, Long.MAX_VALUE, 0.5, OverlapMeasure.INTERSECTION_OVER_MIN);
    assertNms("apply_nms_box05", 25, Long.MAX_VALUE, 0.5, null);
    assertNms("apply_nms_max", 0, 500, 0.5, OverlapMeasure.IOU);
  }

  /** As apply_nms: both limits strict, score = predicted IoU × stability. */
  private void assertNms(
      String name, long minSize, long maxSize, double threshold, OverlapMeasure measure) {
    List<RunLengths> candidates = new ArrayList<>();
    float[] scores = new float[masks.size()];
    for (int i = 0; i < masks.size(); i++) {
      long area = masks.get(i).area();
      if (area > minSize && area < maxSize) {
        scores[candidates.size()] = ious[i] * StabilityScore.of(logits(i), 0, 1);
        candidates.add(masks.get(i));
      }
    }
    scores = Arrays.copyOf(scores, candidates.size());
    int[] kept =
        measure == null
            ? BoxNms.keep(boxes(candidates), scores, threshold)
            : MaskNms.keep(candidates, scores, threshold, measure);
    RandomAccessibleInterval<UnsignedIntType> labels =
        MaskMerging.toLabels(
            Arrays.stream(kept).mapToObj(candidates::get).toList(),
            IMAGE,
            MaskMergingOptions.defaults().withMinSize(minSize));
    Images.assertSame(name, golden.array(name), labels);
  }

  @Test
  void mergingOfAllMasks() {
    MaskMergingOptions options = MaskMergingOptions.defaults();
    assertMerged("to_segmentation_excl", options);
    assertMerged("to_segmentation_nonexcl", options.withExclusively(false));
    assertMerged("to_segmentation_nolabel", options.withSeparate(false));
    assertMerged("to_segmentation_bg", options.withDropLargest(true).withMinSize(30));
  }

  private void assertMerged(String name, MaskMergingOptions options) {
    Images.assertSame(name, golden.array(name), MaskMerging.toLabels(nonEmpty(), IMAGE, options));
  }

  @ParameterizedTest
  @CsvSource({
    "default, 0.88, 0.95, 0, true",
    "loose, 0.8, 0.5, 0, true",
    "minarea, 0.8, 0.5, 25, true",
    "nobg, 0.8, 0.5, 0, false"
  })
  void generateFromTheParts(
      String name, float iou, float stability, int minArea, boolean withBackground) {
    List<Integer> origin = new ArrayList<>();
    List<RunLengths> kept = new ArrayList<>();
    select(iou, stability)
        .forEach(
            i -> {
              origin.add(i);
              kept.add(masks.get(i));
            });
    if (minArea > 0) {
      clean(kept, origin, minArea);
    }
    JsonArray expected = golden.scalars().getAsJsonArray("generate_" + name);
    assertEquals(expected.size(), kept.size(), "number of masks");
    for (int i = 0; i < kept.size(); i++) {
      JsonObject record = expected.get(i).getAsJsonObject();
      assertEquals(record.get("area").getAsLong(), kept.get(i).area(), "area " + i);
      assertArrayEquals(ints(record.getAsJsonArray("bbox_xywh")), referenceBox(kept.get(i)));
      assertEquals(record.get("predicted_iou").getAsFloat(), ious[origin.get(i)], "iou " + i);
      // Point k of the fixture is (3 k, 2 k).
      assertEquals(
          record.getAsJsonArray("point").get(0).getAsInt(), 3 * origin.get(i), "point " + i);
    }
    NpyArray segmentation = golden.array("generate_" + name + "__segmentation");
    MaskMergingOptions options =
        MaskMergingOptions.defaults().withExclusively(false).withDropLargest(withBackground);
    Images.assertSame(name, segmentation, MaskMerging.toLabels(kept, IMAGE, options));
  }

  /** Masks above both thresholds that box NMS keeps. The crop is the image: no edge filter. */
  private List<Integer> select(float iou, float stability) {
    int[] candidates =
        IntStream.range(0, masks.size())
            .filter(i -> ious[i] > iou && StabilityScore.of(logits(i), 0, 1) >= stability)
            .toArray();
    float[] scores = new float[candidates.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = ious[candidates[i]];
    }
    List<RunLengths> chosen = Arrays.stream(candidates).mapToObj(masks::get).toList();
    return Arrays.stream(BoxNms.keep(boxes(chosen), scores, 0.7))
        .mapToObj(i -> candidates[i])
        .toList();
  }

  /** A crop's masks keep their place in the image; those of the smaller crop win. */
  @Test
  void generateFromTwoCrops() {
    List<RunLengths> all = new ArrayList<>();
    List<Interval> cropOf = new ArrayList<>();
    for (Interval crop :
        List.of(
            FinalInterval.createMinMax(0, 0, WIDTH - 1, HEIGHT - 1),
            FinalInterval.createMinMax(20, 10, 115, 89))) {
      List<RunLengths> chosen = new ArrayList<>();
      float[] scores = new float[masks.size()];
      int count = crop.min(0) == 0 ? masks.size() : 8; // the fixture's smaller crop has eight
      for (int i = 0; i < count; i++) {
        RandomAccessibleInterval<FloatType> part = Views.interval(logits(i), crop);
        RunLengths mask = RunLengths.above(part, 0);
        if (ious[i] > 0.8f && StabilityScore.of(part, 0, 1) >= 0.5f && !endsAt(crop, mask)) {
          scores[chosen.size()] = ious[i];
          chosen.add(mask);
        }
      }
      for (int i : BoxNms.keep(boxes(chosen), Arrays.copyOf(scores, chosen.size()), 0.7)) {
        all.add(chosen.get(i));
        cropOf.add(crop);
      }
    }
    float[] scores = new float[all.size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = 1f / (cropOf.get(i).dimension(0) * cropOf.get(i).dimension(1));
    }
    int[] kept = BoxNms.keep(boxes(all), scores, 0.7);
    JsonArray expected = golden.scalars().getAsJsonArray("generate_two_crops");
    assertEquals(expected.size(), kept.length);
    for (int k = 0; k < kept.length; k++) {
      JsonObject record = expected.get(k).getAsJsonObject();
      RunLengths mask = all.get(kept[k]);
      assertEquals(record.get("area").getAsLong(), mask.area(), "area " + k);
      assertArrayEquals(ints(record.getAsJsonArray("bbox_xywh")), referenceBox(mask), "box " + k);
      assertEquals(
          record.getAsJsonArray("crop_box").get(0).getAsLong(), cropOf.get(kept[k]).min(0));
    }
  }

  /** SAM's is_box_near_crop_edge: at an edge of the crop, within 20 pixels, not of the image. */
  private static boolean endsAt(Interval crop, RunLengths mask) {
    int[] box = samBox(mask);
    long[] edge = {crop.min(0), crop.min(1), crop.max(0) + 1, crop.max(1) + 1};
    long[] imageEdge = {0, 0, WIDTH, HEIGHT};
    boolean near = false;
    for (int k = 0; k < 4; k++) {
      near |= Math.abs(box[k] - edge[k]) <= 20 && Math.abs(box[k] - imageEdge[k]) > 20;
    }
    return near;
  }

  private static void clean(List<RunLengths> masks, List<Integer> origin, int minArea) {
    List<RunLengths> cleaned = new ArrayList<>();
    float[] unchanged = new float[masks.size()];
    for (RunLengths mask : masks) {
      SmallRegions.Cleaned filled = SmallRegions.fillHoles(mask.toMask(), minArea);
      SmallRegions.Cleaned both = SmallRegions.removeIslands(filled.mask(), minArea);
      unchanged[cleaned.size()] = filled.changed() || both.changed() ? 0 : 1;
      cleaned.add(RunLengths.of(both.mask()));
    }
    int[] kept = BoxNms.keep(boxes(cleaned), unchanged, 0.7);
    List<Integer> before = List.copyOf(origin);
    masks.clear();
    origin.clear();
    for (int i : kept) {
      masks.add(cleaned.get(i));
      origin.add(before.get(i));
    }
  }

  /** What amg_small keeps of its 192 masks, in its order, follows from scores and boxes. */
  @Test
  void selectionEndToEnd() {
    Golden small = Golden.open("amg_small");
    float[] iou = small.array("iou_preds").floats();
    float[] stability = small.array("stability").floats();
    float[] points = small.array("points").floats();
    int[] corners = small.array("boxes").ints();
    JsonObject scalars = small.scalars();
    int[] candidates =
        IntStream.range(0, iou.length)
            .filter(
                i ->
                    iou[i] > scalars.get("pred_iou_thresh").getAsFloat()
                        && stability[i] >= scalars.get("stability_score_thresh").getAsFloat())
            .toArray();
    List<Interval> boxes = new ArrayList<>();
    float[] scores = new float[candidates.length];
    for (int k = 0; k < candidates.length; k++) {
      int b = 4 * candidates[k];
      boxes.add(
          FinalInterval.createMinMax(corners[b], corners[b + 1], corners[b + 2], corners[b + 3]));
      scores[k] = iou[candidates[k]];
    }
    int[] kept = BoxNms.keep(boxes, scores, scalars.get("box_nms_thresh").getAsDouble());
    JsonArray expected = scalars.getAsJsonArray("annotations");
    assertEquals(expected.size(), kept.length);
    for (int k = 0; k < kept.length; k++) {
      JsonObject record = expected.get(k).getAsJsonObject();
      int i = candidates[kept[k]];
      assertEquals(record.get("predicted_iou").getAsFloat(), iou[i], "iou " + k);
      assertEquals(record.get("stability_score").getAsFloat(), stability[i], "stability " + k);
      assertEquals(record.getAsJsonArray("point").get(0).getAsFloat(), points[2 * i]);
      assertEquals(record.getAsJsonArray("point").get(1).getAsFloat(), points[2 * i + 1]);
      assertArrayEquals(
          ints(record.getAsJsonArray("bbox_xywh")), widthAndHeight(boxes.get(kept[k])));
    }
  }

  private List<RunLengths> nonEmpty() {
    return masks.stream().filter(mask -> mask.area() > 0).toList();
  }

  /** SAM gives an empty mask the box 0, 0, 0, 0. */
  private static int[] samBox(RunLengths mask) {
    return mask.box()
        .map(b -> new int[] {(int) b.min(0), (int) b.min(1), (int) b.max(0), (int) b.max(1)})
        .orElse(new int[4]);
  }

  /** As the records of the reference have it, width and height one too small. */
  private static int[] referenceBox(RunLengths mask) {
    return widthAndHeight(mask.box().orElseThrow());
  }

  private static int[] widthAndHeight(Interval box) {
    return new int[] {
      (int) box.min(0),
      (int) box.min(1),
      (int) (box.max(0) - box.min(0)),
      (int) (box.max(1) - box.min(1))
    };
  }

  private static List<Interval> boxes(List<RunLengths> masks) {
    return masks.stream()
        .map(AmgGoldenTest::samBox)
        .<Interval>map(b -> FinalInterval.createMinMax(b[0], b[1], b[2], b[3]))
        .toList();
  }

  private static int[] ints(JsonArray array) {
    return IntStream.range(0, array.size()).map(i -> array.get(i).getAsInt()).toArray();
  }

  @Test
  void masksAreTheLogitsAboveZero() {
    for (int i = 0; i < masks.size(); i++) {
      float[] values = Images.floats(logits(i));
      boolean[] mask = new boolean[values.length];
      for (int k = 0; k < mask.length; k++) {
        mask[k] = values[k] > 0;
      }
      RandomAccessibleInterval<NativeBoolType> image = Images.mask(mask, WIDTH, HEIGHT);
      assertEquals(RunLengths.of(image), masks.get(i));
    }
  }
}

package io.github.microsam.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.image.EightBitImage;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PatchBatchesTest {
  private static final int W = 60;
  private static final int H = 50;

  /** Pixels that tell where they are: channels x, y, label; four objects of 8 × 8. */
  private static LabelledPlane plane() {
    byte[] pixels = new byte[3 * W * H];
    int[] labels = new int[W * H];
    for (int y = 0; y < H; y++) {
      for (int x = 0; x < W; x++) {
        int id =
            object(x, 6, 36) * object(y, 5, 35) == 0 ? 0 : object(x, 6, 36) * 10 + object(y, 5, 35);
        labels[y * W + x] = id;
        pixels[y * W + x] = (byte) x;
        pixels[W * H + y * W + x] = (byte) y;
        pixels[2 * W * H + y * W + x] = (byte) (id * 5);
      }
    }
    return new LabelledPlane(new EightBitImage(W, H, 3, pixels), labels);
  }

  private static int object(int position, int first, int second) {
    return position >= first && position < first + 8
        ? 1
        : position >= second && position < second + 8 ? 2 : 0;
  }

  private static PlaneSet planes(LabelledPlane... planes) {
    return new PlaneSet() {
      @Override
      public int size() {
        return planes.length;
      }

      @Override
      public LabelledPlane plane(int index, StableRandom random) {
        return planes[index];
      }
    };
  }

  private static PatchBatches batches(PatchOptions patches, Augmentation augmentation) {
    return new PatchBatches(
        planes(plane()),
        patches,
        augmentation,
        TrainingTargets.NONE,
        new PatchBatches.Sampling(3, 20, 8));
  }

  @Test
  void imageAndLabelsStayTogetherInEveryOrientation() {
    PatchOptions options = new PatchOptions(20, 28, 10, 1, false);
    Set<String> orientations = new HashSet<>();
    PatchBatches batches = batches(options, Augmentation.none().withOrientations(true, true));
    for (int b = 0; b < batches.batches(); b++) {
      for (Sample sample : batches.batch(0, b)) {
        assertEquals(20, sample.width());
        assertEquals(28, sample.height());
        float[] image = sample.image();
        int n = 20 * 28;
        for (int i = 0; i < n; i++) {
          assertEquals(sample.labels()[i] * 5f, image[2 * n + i], "pixel " + i);
        }
        orientations.add(
            (int) (image[1] - image[0])
                + ","
                + (int) (image[n + 1] - image[n])
                + ","
                + (int) (image[20] - image[0])
                + ","
                + (int) (image[n + 20] - image[n]));
      }
    }
    assertEquals(8, orientations.size(), "orientations that came up: " + orientations);
  }

  @Test
  void withoutAugmentationPatchesAreCutOutAsTheyAre() {
    for (Sample sample :
        batches(new PatchOptions(20, 28, 10, 1, false), Augmentation.none()).batch(0, 3)) {
      int x0 = (int) sample.image()[0];
      int y0 = (int) sample.image()[20 * 28];
      for (int i = 0; i < 20 * 28; i++) {
        assertEquals(plane().labels()[(y0 + i / 20) * W + x0 + i % 20], sample.labels()[i]);
      }
    }
  }

  @Test
  void patchesHoldObjectsAndCutOnesThatAreTooSmallAreBackground() {
    PatchBatches batches = batches(PatchOptions.square(16), Augmentation.none());
    for (int b = 0; b < batches.batches(); b++) {
      for (Sample sample : batches.batch(1, b)) {
        var sizes = PatchLabels.sizes(sample.labels());
        assertFalse(sizes.isEmpty());
        sizes.forEach((id, size) -> assertTrue(size >= 25, "object of " + size + " pixels"));
        assertEquals(sizes.size(), sizes.keySet().stream().max(Integer::compare).orElseThrow());
      }
    }
  }

  @Test
  void smallImagesArePaddedWithZeros() {
    Sample sample = batches(PatchOptions.square(80), Augmentation.none()).batch(0, 0).get(0);
    assertEquals(W - 1, sample.image()[W - 1]);
    for (int y = 0; y < 80; y++) {
      for (int x = 0; x < 80; x++) {
        if (x >= W || y >= H) {
          for (int c = 0; c < 3; c++) {
            assertEquals(0, sample.image()[(c * 80 + y) * 80 + x]);
          }
          assertEquals(0, sample.labels()[y * 80 + x]);
        }
      }
    }
    assertEquals(4, PatchLabels.sizes(sample.labels()).size());
  }

  @Test
  void scalesChangeTheSizeOfObjects() {
    Augmentation twice = Augmentation.none().withScales(2, 2);
    Sample sample = batches(new PatchOptions(120, 100, 25, 1, true), twice).batch(0, 0).get(0);
    PatchLabels.sizes(sample.labels()).forEach((id, size) -> assertEquals(256, size));
    Augmentation half = Augmentation.none().withScales(0.5, 0.5);
    sample = batches(new PatchOptions(30, 25, 10, 1, true), half).batch(0, 0).get(0);
    PatchLabels.sizes(sample.labels()).forEach((id, size) -> assertEquals(16, size));
    assertEquals(4, PatchLabels.sizes(sample.labels()).size());
  }

  @Test
  void valuesStayInRangeAndChangeUnderEveryAugmentation() {
    Augmentation strong = new Augmentation(true, true, 0.5, 2, 1, 100, 1, 0.5, 50, 2, 0.5);
    PatchBatches batches = batches(PatchOptions.square(32), strong);
    for (int b = 0; b < batches.batches(); b++) {
      for (Sample sample : batches.batch(0, b)) {
        for (float v : sample.image()) {
          assertTrue(v >= 0 && v <= 255, "value " + v);
        }
      }
    }
    Augmentation none = Augmentation.none();
    float[] plain = batches(PatchOptions.square(32), none).batch(0, 0).get(0).image();
    for (Augmentation one :
        List.of(
            new Augmentation(false, false, 1, 1, 0.5, 0, 0, 0, 0, 0, 0),
            new Augmentation(false, false, 1, 1, 0, 20, 0, 0, 0, 0, 0),
            new Augmentation(false, false, 1, 1, 0, 0, 0.5, 0, 0, 0, 0),
            new Augmentation(false, false, 1, 1, 0, 0, 0, 0.2, 0, 0, 0),
            new Augmentation(false, false, 1, 1, 0, 0, 0, 0, 10, 0, 0),
            new Augmentation(false, false, 1, 1, 0, 0, 0, 0, 0, 2, 0),
            new Augmentation(false, false, 1, 1, 0, 0, 0, 0, 0, 0, 1))) {
      float[] varied = batches(PatchOptions.square(32), one).batch(0, 0).get(0).image();
      assertFalse(Arrays.equals(plain, varied), one.toString());
    }
    float[] inverted =
        batches(PatchOptions.square(32), new Augmentation(false, false, 1, 1, 0, 0, 0, 0, 0, 0, 1))
            .batch(0, 0)
            .get(0)
            .image();
    for (int i = 0; i < plain.length; i++) {
      assertEquals(255 - plain[i], inverted[i]);
    }
  }

  @Test
  void batchesAreAFunctionOfSeedEpochAndIndex() {
    PatchBatches batches = batches(PatchOptions.square(24), Augmentation.moderate());
    List<Sample> last = batches.batch(2, 7);
    batches.batch(0, 0);
    assertSame(last, batches(PatchOptions.square(24), Augmentation.moderate()).batch(2, 7));
    assertFalse(Arrays.equals(last.get(0).image(), batches.batch(2, 8).get(0).image()));
    assertFalse(Arrays.equals(last.get(0).image(), batches.batch(3, 7).get(0).image()));
  }

  private static void assertSame(List<Sample> expected, List<Sample> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i).image(), actual.get(i).image());
      assertArrayEquals(expected.get(i).labels(), actual.get(i).labels());
      assertArrayEquals(expected.get(i).targets(), actual.get(i).targets());
    }
  }

  @Test
  void prefetchedBatchesAreThoseOfTheSource() {
    PatchBatches source = batches(PatchOptions.square(24), Augmentation.moderate());
    try (PrefetchedBatches prefetched = new PrefetchedBatches(source, 2, 3)) {
      for (int epoch = 4; epoch < 6; epoch++) {
        for (int b = 0; b < source.batches(); b++) {
          assertSame(source.batch(epoch, b), prefetched.batch(epoch, b));
        }
      }
      assertSame(source.batch(0, 11), prefetched.batch(0, 11)); // out of order
      assertSame(source.batch(0, 12), prefetched.batch(0, 12));
    }
  }

  @Test
  void errorsOfTheSourceReachWhoeverAsks() {
    PatchBatches hopeless =
        new PatchBatches(
            planes(plane()),
            PatchOptions.square(24).withMinSize(500),
            Augmentation.none(),
            TrainingTargets.NONE,
            new PatchBatches.Sampling(1, 1, 0));
    try (PrefetchedBatches prefetched = new PrefetchedBatches(hopeless, 1, 1)) {
      assertThrows(DatasetException.class, () -> prefetched.batch(0, 0));
    }
  }

  @Test
  void planesAreDrawnByTheirWeights() {
    LabelledPlane first = plane();
    byte[] dark = new byte[W * H];
    LabelledPlane second = new LabelledPlane(new EightBitImage(W, H, 1, dark), first.labels());
    PlaneSet both =
        new MixedPlanes(
            List.of(
                new MixedPlanes.Part(planes(first), 1),
                new MixedPlanes.Part(planes(second, second), 3)));
    PatchBatches batches =
        new PatchBatches(
            both,
            PatchOptions.square(60),
            Augmentation.none(),
            TrainingTargets.NONE,
            new PatchBatches.Sampling(400, 1, 1));
    double bright = batches.batch(0, 0).stream().filter(sample -> sample.image()[5] != 0).count();
    assertEquals(100, bright, 35, "a quarter of 400, 4 sigma");
  }

  @Test
  void objectsAmongFragmentsAreFound() {
    int side = 400;
    int[] labels = new int[side * side];
    for (int i = 0; i < labels.length; i++) {
      int x = i % side;
      int y = i / side;
      boolean fragment = x % 3 == 0 && y % 3 == 0;
      labels[i] = x < 8 && y < 8 ? 1 : fragment && (x > 60 || y > 60) ? 2 : 0;
    }
    LabelledPlane plane =
        new LabelledPlane(new EightBitImage(side, side, 1, new byte[side * side]), labels);
    FixedBatches fixed =
        new FixedBatches(planes(plane), PatchOptions.square(32), TrainingTargets.NONE, 1, 1);
    Sample sample = fixed.batch(0, 0).get(0);
    assertEquals(1, PatchLabels.countObjects(sample.labels(), 25));
  }

  @Test
  void validationPlanesWithoutAPatchAreListedBeforeAnyIsAskedFor() {
    PatchOptions patches = PatchOptions.square(32).withMinSize(65); // objects have 64 pixels
    DatasetException e =
        assertThrows(
            DatasetException.class,
            () -> new FixedBatches(planes(plane(), plane()), patches, TrainingTargets.NONE, 1, 9));
    assertEquals(2, e.problems().size(), e.getMessage());
    assertTrue(e.problems().get(1).startsWith("image 1: no patch of 32 x 32"), e.getMessage());
  }

  @Test
  void settingsNameWhatBatchesDependOn() {
    PatchBatches source = batches(PatchOptions.square(24), Augmentation.none());
    assertEquals(
        Set.of("images", "patches", "augmentation", "targets", "sampling"),
        source.settings().keySet());
    assertEquals("none", source.settings().get("targets"));
    try (PrefetchedBatches prefetched = new PrefetchedBatches(source, 1, 1)) {
      assertEquals(source.settings(), prefetched.settings());
    }
    assertEquals(
        "DistanceTargets[minSize=25]",
        new FixedBatches(planes(plane()), PatchOptions.square(32), new DistanceTargets(25), 2, 100)
            .settings()
            .get("targets"));
  }

  @Test
  void fixedBatchesAreTheSameInEveryEpochAndTakeEachPlaneOnce() {
    FixedBatches fixed =
        new FixedBatches(
            planes(plane(), plane(), plane(), plane(), plane()),
            PatchOptions.square(32),
            new DistanceTargets(25),
            2,
            100);
    assertEquals(3, fixed.batches());
    assertEquals(1, fixed.batch(0, 2).size());
    assertSame(fixed.batch(0, 1), fixed.batch(9, 1));
    assertEquals(3 * 32 * 32, fixed.batch(0, 0).get(0).targets().length);
  }
}

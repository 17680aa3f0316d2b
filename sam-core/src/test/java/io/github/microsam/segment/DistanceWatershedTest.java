package io.github.microsam.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.golden.Golden;
import io.github.microsam.image.ImageException;
import io.github.microsam.image.Tiling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DistanceWatershedTest {
  @TempDir Path folder;

  private static DistanceMaps goldenMaps(Golden golden) {
    return new DistanceMaps(
        Scenes.map(golden.array("foreground")),
        Scenes.map(golden.array("center_distances")),
        Scenes.map(golden.array("boundary_distances")));
  }

  @Test
  void objectsAreTheReferencesPixelByPixel() {
    Golden golden = Golden.open("ais");
    DistanceMaps maps = goldenMaps(golden);
    AisOptions options = AisOptions.defaults();
    Scenes.assertSameLabels(
        Scenes.labels(golden.array("bic__generate_default")),
        DistanceWatershed.segment(maps, options));
    Scenes.assertSameLabels(
        Scenes.labels(golden.array("bic__generate_min30")),
        DistanceWatershed.segment(maps, options.withMinSize(30)));
    AisOptions unsmoothed = options.withForegroundSmoothing(0);
    Scenes.assertSameLabels(
        Scenes.labels(golden.array("bic__default__seg")),
        DistanceWatershed.segment(maps, unsmoothed));
    Scenes.assertSameLabels(
        Scenes.labels(golden.array("bic__nosmooth__seg")),
        DistanceWatershed.segment(maps, unsmoothed.withDistanceSmoothing(0)));
    Scenes.assertSameLabels(
        Scenes.labels(golden.array("bic__thr__seg")),
        DistanceWatershed.segment(
            maps,
            unsmoothed
                .withCenterDistanceThreshold(0.3)
                .withBoundaryDistanceThreshold(0.6)
                .withForegroundThreshold(0.7)));
  }

  /** The reference's blockwise one differs in pixels, and here it is the untiled one. */
  @Test
  void objectsOfTheReferencesTiledWayAreThere() {
    Golden golden = Golden.open("ais");
    Scenes.assertSameObjects(
        Scenes.labels(golden.array("bic__generate_tiled")),
        DistanceWatershed.segment(goldenMaps(golden), AisOptions.defaults()),
        0.9);
  }

  @Test
  void idealMapsOfThreeDisksGiveThreeDisks() {
    AisOptions options = AisOptions.defaults().withForegroundThreshold(0.8).withMinSize(100);
    for (int side : new int[] {256, 1024}) {
      RandomAccessibleInterval<UnsignedIntType> truth = Scenes.threeDisks(side);
      DistanceMaps maps = Scenes.idealMaps(truth);
      DistanceMaps ofTiles = stitched(truth, Tiling.square(side, side, 512, 96));
      for (DistanceMaps state : List.of(maps, ofTiles)) {
        RandomAccessibleInterval<UnsignedIntType> objects =
            DistanceWatershed.segment(state, options);
        Scenes.assertFound(truth, objects);
        Scenes.assertSameLabels(objects, DistanceWatershed.segment(state, options));
        Path file = folder.resolve("state");
        state.write(file);
        Scenes.assertSameLabels(
            objects, DistanceWatershed.segment(DistanceMaps.read(file), options));
      }
      Scenes.assertSameObjects(
          DistanceWatershed.segment(maps, options),
          DistanceWatershed.segment(ofTiles, options),
          0.99);
    }
  }

  @Test
  void objectsOnEveryBorderAndCornerOfTilesAreWhole() {
    Tiling tiling = Tiling.square(300, 250, 100, 40);
    RandomAccessibleInterval<UnsignedIntType> truth = Scenes.onEveryBorder(tiling, 17);
    AisOptions options = AisOptions.defaults();
    RandomAccessibleInterval<UnsignedIntType> whole =
        DistanceWatershed.segment(Scenes.idealMaps(truth), options);
    Scenes.assertFound(truth, whole);
    assertEquals(25, Arrays.stream(Scenes.ids(whole)).max().orElseThrow(), "objects");
    Scenes.assertSameObjects(whole, tiled(truth, tiling, options), 0.99);
  }

  private static RandomAccessibleInterval<UnsignedIntType> tiled(
      RandomAccessibleInterval<UnsignedIntType> truth, Tiling tiling, AisOptions options) {
    return DistanceWatershed.segment(stitched(truth, tiling), options);
  }

  private static DistanceMaps stitched(
      RandomAccessibleInterval<UnsignedIntType> truth, Tiling tiling) {
    return MapStitching.stitch(
        tiling,
        t -> false,
        t -> Scenes.idealMaps(truth, tiling.outer(t)),
        SegmentationListener.SILENT);
  }

  @Test
  void skippedTilesAreBackground() {
    Tiling tiling = Tiling.square(200, 100, 100, 20);
    RandomAccessibleInterval<UnsignedIntType> truth = Scenes.onEveryBorder(tiling, 15);
    DistanceMaps maps =
        MapStitching.stitch(
            tiling,
            t -> t == 1,
            t -> Scenes.idealMaps(truth, tiling.outer(t)),
            SegmentationListener.SILENT);
    int[] ids = Scenes.ids(DistanceWatershed.segment(maps, AisOptions.defaults()));
    for (int i = 0; i < ids.length; i++) {
      assertTrue(i % 200 < 101 || ids[i] == 0, "object at x " + i % 200);
    }
    assertTrue(Arrays.stream(ids).max().orElseThrow() >= 1);
  }

  @Test
  void mapsThatWereWrittenGiveTheSameObjects() {
    DistanceMaps maps = Scenes.idealMaps(Scenes.threeDisks(150));
    Path file = folder.resolve("state");
    maps.write(file);
    DistanceMaps restored = DistanceMaps.read(file);
    assertArrayEquals(Scenes.floats(maps.foreground()), Scenes.floats(restored.foreground()));
    assertArrayEquals(
        Scenes.floats(maps.centerDistances()), Scenes.floats(restored.centerDistances()));
    Scenes.assertSameLabels(
        DistanceWatershed.segment(maps, AisOptions.defaults()),
        DistanceWatershed.segment(restored, AisOptions.defaults()));
  }

  @Test
  void filesThatAreNoMapsAreRefused() throws IOException {
    Path file = folder.resolve("state");
    Files.writeString(file, "something else");
    assertThrows(ImageException.class, () -> DistanceMaps.read(file));
    Scenes.idealMaps(Scenes.threeDisks(150)).write(file);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    assertThrows(ImageException.class, () -> DistanceMaps.read(file));
    assertThrows(ImageException.class, () -> DistanceMaps.read(folder.resolve("none")));
  }

  @Test
  void nothingAndASinglePixelAreFine() {
    for (float value : new float[] {0, 1}) {
      DistanceMaps flat =
          new DistanceMaps(
              ArrayImgs.floats(new float[] {value}, 1, 1),
              ArrayImgs.floats(new float[] {0}, 1, 1),
              ArrayImgs.floats(new float[] {0}, 1, 1));
      assertArrayEquals(
          new int[] {(int) value},
          Scenes.ids(DistanceWatershed.segment(flat, AisOptions.defaults())));
    }
  }

  @Test
  void outsideAMaskIsNothing() {
    RandomAccessibleInterval<UnsignedIntType> truth = Scenes.threeDisks(256);
    DistanceMaps maps = Scenes.idealMaps(truth);
    int[] mask = Scenes.ids(truth);
    for (int i = 0; i < mask.length; i++) {
      mask[i] = mask[i] == 2 ? 1 : 0;
    }
    int[] ids =
        Scenes.ids(
            DistanceWatershed.segment(
                maps.within(ArrayImgs.unsignedInts(mask, 256, 256)),
                AisOptions.defaults().withForegroundSmoothing(0)));
    assertArrayEquals(mask, ids);
    SegmentationException e =
        assertThrows(
            SegmentationException.class, () -> maps.within(ArrayImgs.unsignedBytes(256, 255)));
    assertTrue(e.getMessage().contains("[256, 255]"), e.getMessage());
  }

  @Test
  void mapsOfDifferentSizesAndWildOptionsAreRefused() {
    assertThrows(
        SegmentationException.class,
        () ->
            new DistanceMaps(
                ArrayImgs.floats(3, 3), ArrayImgs.floats(3, 4), ArrayImgs.floats(3, 3)));
    assertThrows(SegmentationException.class, () -> DistanceMaps.of(ArrayImgs.floats(4, 4, 2)));
    AisOptions options = AisOptions.defaults();
    assertThrows(SegmentationException.class, () -> options.withMinSize(-1));
    assertThrows(SegmentationException.class, () -> options.withDistanceSmoothing(-0.1));
    assertThrows(SegmentationException.class, () -> options.withForegroundThreshold(Double.NaN));
  }
}

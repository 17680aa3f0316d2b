package io.github.microsam.train.synthetic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.label.ConnectedComponents;
import io.github.microsam.label.Connectivity;
import io.github.microsam.label.LabelRegion;
import io.github.microsam.label.LabelRegions;
import io.github.microsam.train.data.LabelledPlane;
import io.github.microsam.train.data.StableRandom;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import net.imglib2.img.array.ArrayImgs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SyntheticCellsTest {
  private static final int SIDE = 192;

  private static SyntheticOptions options(SyntheticKind kind) {
    return SyntheticOptions.of(kind).withSize(SIDE, SIDE);
  }

  private static List<LabelRegion> objects(LabelledPlane plane) {
    return LabelRegions.of(ArrayImgs.unsignedInts(plane.labels(), plane.width(), plane.height()));
  }

  @ParameterizedTest
  @EnumSource(SyntheticKind.class)
  void theSameSeedGivesTheSameImageAnotherAnother(SyntheticKind kind) {
    LabelledPlane first = SyntheticCells.generate(options(kind), 3);
    LabelledPlane again = SyntheticCells.generate(options(kind), 3);
    assertArrayEquals(first.labels(), again.labels());
    assertArrayEquals(first.image().pixels(), again.image().pixels());
    LabelledPlane other = SyntheticCells.generate(options(kind), 4);
    assertFalse(Arrays.equals(first.labels(), other.labels()));
  }

  @ParameterizedTest
  @EnumSource(SyntheticKind.class)
  void objectsAreNumberedAndOfOnePiece(SyntheticKind kind) {
    LabelledPlane plane = SyntheticCells.generate(options(kind), 5);
    List<LabelRegion> objects = objects(plane);
    assertTrue(objects.size() >= 3, objects.size() + " objects");
    for (int i = 0; i < objects.size(); i++) {
      assertEquals(i + 1, objects.get(i).id());
    }
    int pieces =
        LabelRegions.of(
                ConnectedComponents.ofLabels(
                    ArrayImgs.unsignedInts(plane.labels(), SIDE, SIDE), Connectivity.FULL))
            .size();
    assertEquals(objects.size(), pieces);
  }

  @Test
  void labelsAreExactlyWhatShines() {
    SyntheticOptions nuclei =
        options(SyntheticKind.NUCLEI).withOptics(new SyntheticOptions.Optics(0, 0.6, 0, 0, 0, 0));
    LabelledPlane plane = SyntheticCells.generate(nuclei, 1);
    int differ = 0;
    for (int i = 0; i < plane.labels().length; i++) {
      boolean bright = plane.image().pixels()[i] != 0;
      differ += bright == (plane.labels()[i] != 0) ? 0 : 1;
    }
    // Dark nucleoli, and slivers of hidden nuclei that are too small for an object.
    assertTrue(differ < 60, differ + " pixels differ");
  }

  @ParameterizedTest
  @EnumSource(
      value = SyntheticKind.class,
      names = {"NUCLEI", "PHASE_CONTRAST", "VESICLES", "TISSUE", "CYTOLOGY"})
  void densityAndDiameterAreAsAskedFor(SyntheticKind kind) {
    SyntheticOptions options =
        SyntheticOptions.of(kind)
            .withObjects(new SyntheticOptions.Objects(20, 0.1, 0.15, 0.2, 0, 0.2));
    LabelledPlane plane = SyntheticCells.generate(options, 2);
    double covered = IntStream.of(plane.labels()).filter(l -> l != 0).count();
    assertEquals(0.15, covered / plane.labels().length, 0.05, "part covered");
    double[] diameters =
        objects(plane).stream()
            .filter(o -> o.box().min(0) > 0 && o.box().min(1) > 0)
            .mapToDouble(o -> 2 * Math.sqrt(o.size() / Math.PI))
            .sorted()
            .toArray();
    assertEquals(20, diameters[diameters.length / 2], 2.5, "median diameter");
  }

  @Test
  void membranesAreBrighterThanCells() {
    LabelledPlane plane = SyntheticCells.generate(options(SyntheticKind.MEMBRANES), 2);
    double[] sum = new double[2];
    int[] count = new int[2];
    for (int y = 1; y < SIDE - 1; y++) {
      for (int x = 1; x < SIDE - 1; x++) {
        int i = y * SIDE + x;
        int edge = plane.labels()[i] == plane.labels()[i + 1] ? 0 : 1;
        sum[edge] += plane.image().pixels()[i] & 0xff;
        count[edge]++;
      }
    }
    assertTrue(sum[1] / count[1] > 2 * sum[0] / count[0]);
  }

  @Test
  void opticsDoWhatTheySay() {
    SyntheticOptions plain = options(SyntheticKind.NUCLEI);
    double rough = roughness(plain.withOptics(plain.optics().withNoise(20)));
    double usual = roughness(plain);
    double smooth = roughness(plain.withOptics(plain.optics().withNoise(0).withBlur(4)));
    assertTrue(rough > usual && usual > smooth, rough + ", " + usual + ", " + smooth);
    assertTrue(
        mean(plain.withOptics(plain.optics().withBrightness(0.5, 0.4)))
            > mean(plain.withOptics(plain.optics().withBrightness(0.1, 0.4))) + 50);
  }

  private static double roughness(SyntheticOptions options) {
    byte[] pixels = SyntheticCells.generate(options, 9).image().pixels();
    double sum = 0;
    for (int i = 1; i < pixels.length; i++) {
      sum += Math.abs((pixels[i] & 0xff) - (pixels[i - 1] & 0xff));
    }
    return sum / pixels.length;
  }

  private static double mean(SyntheticOptions options) {
    byte[] pixels = SyntheticCells.generate(options, 9).image().pixels();
    double sum = 0;
    for (byte pixel : pixels) {
      sum += pixel & 0xff;
    }
    return sum / pixels.length;
  }

  @Test
  void imagesAreTheSameOnEveryMachine() {
    CRC32 sum = new CRC32();
    for (SyntheticKind kind : SyntheticKind.values()) {
      LabelledPlane plane = SyntheticCells.generate(options(kind), 11);
      sum.update(plane.image().pixels());
      for (int label : plane.labels()) {
        sum.update(label);
      }
    }
    assertEquals(0xb180980fL, sum.getValue(), () -> Long.toHexString(sum.getValue()));
  }

  @Test
  void optionsOutOfRangeAreRefused() {
    SyntheticOptions options = options(SyntheticKind.TISSUE);
    assertThrows(IllegalArgumentException.class, () -> options.withSize(4, 100));
    assertThrows(IllegalArgumentException.class, () -> options.objects().withDensity(1.5));
    assertThrows(IllegalArgumentException.class, () -> options.optics().withBlur(-1));
  }

  @Test
  void setsMakeVariedPlanesThatDependOnTheDrawOnly() {
    SyntheticPlanes planes =
        new SyntheticPlanes(
            List.of(options(SyntheticKind.NUCLEI), options(SyntheticKind.TISSUE)), 10);
    assertEquals(10, planes.size());
    assertEquals(3, planes.plane(3, StableRandom.of(1)).image().channels());
    assertArrayEquals(
        planes.plane(2, StableRandom.of(1)).labels(), planes.plane(2, StableRandom.of(1)).labels());
    assertFalse(
        Arrays.equals(
            planes.plane(2, StableRandom.of(1)).labels(),
            planes.plane(2, StableRandom.of(2)).labels()));
  }
}

package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.microsam.label.RunLengths;
import java.util.List;
import net.imglib2.FinalInterval;
import org.junit.jupiter.api.Test;

class PaintedObjectsTest {

  @Test
  void masksLieInTheirFramesAndEmptyOnesNowhere() {
    RunLengths square = RunLengths.of(FinalInterval.createMinSize(1, 0, 2, 2), 0, 4);
    RunLengths pixel = RunLengths.of(FinalInterval.createMinSize(2, 1, 1, 1), 0, 1);
    RunLengths nothing =
        RunLengths.ofPixels(FinalInterval.createMinSize(0, 0, 0, 0), new boolean[0]);
    PaintedObjects painted = PaintedObjects.of(List.of(pixel, nothing, square), 4, 2);
    assertEquals(List.of(1L, 0L, 4L), painted.areas());
    int[] expected = {0, 3, 3, 0, 0, 3, 1, 0};
    assertArrayEquals(expected, painted.labels().update(null).getCurrentStorageArray());
  }
}

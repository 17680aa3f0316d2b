package io.github.microsam.cli;

import io.github.microsam.io.LabelFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.imglib2.Cursor;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.IntegerType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** {@code microsam segment} with a tiny model, on images of disks. */
abstract class SegmentFixture {
  static final int WIDTH = 80;
  static final int HEIGHT = 60;

  /** With the random decoder some pixels are objects and some are not. */
  private static final List<String> LOOSE =
      List.of(
          "--center-distance-threshold",
          "0.9",
          "--boundary-distance-threshold",
          "0.9",
          "--foreground-threshold",
          "0.5");

  @TempDir static Path shared;
  @TempDir Path folder;

  static Path model;
  static Path plain;

  @BeforeAll
  static void makeModels() {
    model = TinyModel.in(shared);
    plain =
        TinyModel.withoutDecoder(
            shared.resolve("plain.safetensors"), Map.of("microsam.amg.points_per_side", "4"));
  }

  /** An image of disks that differ by the seed. */
  Path image(String name, int planes, int seed) {
    byte[] pixels = new byte[WIDTH * HEIGHT * planes];
    for (int i = 0; i < pixels.length; i++) {
      double dx = i % WIDTH - 20 - 3 * seed;
      int y = i / WIDTH % HEIGHT;
      double dy = y - 30;
      pixels[i] = (byte) (dx * dx + dy * dy < 200 ? 200 - y : 20 + i % 7);
    }
    Path file = folder.resolve(name);
    RandomAccessibleInterval<? extends IntegerType<?>> image =
        ArrayImgs.unsignedBytes(pixels, WIDTH, HEIGHT, planes);
    LabelFile.write(file, planes == 1 ? Views.hyperSlice(image, 2, 0) : image);
    return file;
  }

  static CommandRun segment(Object... args) {
    List<Object> all = new ArrayList<>(List.of("segment", "--model", model));
    all.addAll(LOOSE);
    all.addAll(Arrays.asList(args));
    return CommandRun.of(all.toArray());
  }

  /** The command line with results beside the image. */
  CommandRun segmentHere(Object... args) {
    List<Object> all = new ArrayList<>(List.of("-o", folder));
    all.addAll(Arrays.asList(args));
    return segment(all.toArray());
  }

  static long[] ids(RandomAccessibleInterval<? extends IntegerType<?>> labels) {
    long[] out = new long[(int) labels.size()];
    Cursor<? extends IntegerType<?>> cursor = Views.flatIterable(labels).cursor();
    for (int i = 0; i < out.length; i++) {
      out[i] = cursor.next().getIntegerLong();
    }
    return out;
  }
}

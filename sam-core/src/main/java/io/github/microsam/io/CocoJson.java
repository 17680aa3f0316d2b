package io.github.microsam.io;

import com.google.gson.stream.JsonWriter;
import io.github.microsam.label.LabelRegion;
import io.github.microsam.label.LabelRegions;
import io.github.microsam.label.RunLengths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import net.imglib2.FinalInterval;
import net.imglib2.Interval;
import net.imglib2.RandomAccess;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.IntegerType;

/**
 * COCO's instances: images, one category, and annotations with compressed run lengths. The model's
 * estimate of an object's IoU is its {@code score}, as in COCO's results.
 */
final class CocoJson {
  private CocoJson() {}

  static void write(Path path, LabelledImage image) {
    WholeFile.write(
        path,
        temporary -> {
          try (JsonWriter out = new JsonWriter(Files.newBufferedWriter(temporary))) {
            out.beginObject();
            images(out, image);
            out.name("categories").beginArray().beginObject();
            out.name("id").value(1).name("name").value("object").endObject().endArray();
            annotations(out, image);
            out.endObject();
          }
        });
  }

  private static void images(JsonWriter out, LabelledImage image) throws IOException {
    out.name("images").beginArray();
    for (int z = 0; z < image.slices(); z++) {
      out.beginObject().name("id").value(z + 1);
      out.name("file_name").value(image.imageName());
      out.name("width").value(image.width()).name("height").value(image.height());
      if (image.isStack()) {
        out.name("slice").value(z);
      }
      out.endObject();
    }
    out.endArray();
  }

  private static void annotations(JsonWriter out, LabelledImage image) throws IOException {
    out.name("annotations").beginArray();
    long id = 0;
    for (int z = 0; z < image.slices(); z++) {
      RandomAccessibleInterval<? extends IntegerType<?>> labels = image.slice(z);
      List<LabelRegion> regions = LabelRegions.of(labels);
      for (LabelRegion region : regions) {
        out.beginObject().name("id").value(++id);
        out.name("image_id").value(z + 1).name("category_id").value(1);
        out.name("label").value(region.id());
        segmentation(out, labels, region);
        Interval box = region.box();
        out.name("bbox").beginArray().value(box.min(0)).value(box.min(1));
        out.value(box.dimension(0)).value(box.dimension(1)).endArray();
        out.name("area").value(region.size()).name("iscrowd").value(0);
        if (image.iouPrediction(region.id()).isPresent()) {
          out.name("score").value(image.iouPrediction(region.id()).getAsDouble());
        }
        out.endObject();
      }
    }
    out.endArray();
  }

  private static void segmentation(
      JsonWriter out, RandomAccessibleInterval<? extends IntegerType<?>> labels, LabelRegion region)
      throws IOException {
    RunLengths runs =
        RunLengths.of(new FinalInterval(labels), new Columns(labels, region).counts());
    out.name("segmentation").beginObject().name("size").beginArray();
    out.value(labels.dimension(1)).value(labels.dimension(0)).endArray();
    out.name("counts").value(runs.toCoco()).endObject();
  }

  /** Runs down the columns of an object's box, with the background around it as numbers only. */
  private static final class Columns {
    private final RandomAccessibleInterval<? extends IntegerType<?>> labels;
    private final LabelRegion region;
    private int[] counts = new int[64];
    private int size;

    Columns(RandomAccessibleInterval<? extends IntegerType<?>> labels, LabelRegion region) {
      this.labels = labels;
      this.region = region;
    }

    int[] counts() {
      Interval box = region.box();
      long height = labels.dimension(1);
      RandomAccess<? extends IntegerType<?>> access = labels.randomAccess();
      long end = 0; // of what the counts tell
      boolean inside = false;
      for (long x = box.min(0); x <= box.max(0); x++) {
        access.setPosition(x, 0);
        for (long y = box.min(1); y <= box.max(1) + 1; y++) {
          access.setPosition(Math.min(y, box.max(1)), 1);
          boolean object = y <= box.max(1) && access.get().getIntegerLong() == region.id();
          // A run may go on at the top of the next column: there, not below the box, it ends.
          boolean above = y > box.max(1) && box.dimension(1) == height && x < box.max(0);
          if (object != inside && !above) {
            add(x * height + y - end);
            end = x * height + y;
            inside = object;
          }
        }
      }
      if (end < labels.dimension(0) * height) {
        add(labels.dimension(0) * height - end);
      }
      return Arrays.copyOf(counts, size);
    }

    private void add(long run) {
      if (size == counts.length) {
        counts = Arrays.copyOf(counts, 2 * size);
      }
      counts[size++] = Math.toIntExact(run);
    }
  }
}

package io.github.microsam.segment;

import io.github.microsam.image.Tiling;
import io.github.microsam.label.RunLengths;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import net.imglib2.FinalInterval;
import net.imglib2.Interval;

/** Masks of crops in state files. */
final class MaskStream {
  private MaskStream() {}

  static void write(DataOutputStream out, GridMasks.CropMasks crop) throws IOException {
    Tiling.Region region = crop.crop().region();
    ints(out, region.x(), region.y(), region.width(), region.height(), crop.crop().layer());
    out.writeInt(crop.masks().size());
    for (MaskCandidate m : crop.masks()) {
      out.writeFloat(m.iouPrediction());
      out.writeFloat(m.stability());
      out.writeDouble(m.x());
      out.writeDouble(m.y());
      Interval frame = m.mask().frame();
      ints(out, (int) frame.min(0), (int) frame.min(1));
      ints(out, (int) frame.dimension(0), (int) frame.dimension(1));
      int[] counts = m.mask().counts();
      out.writeInt(counts.length);
      ints(out, counts);
    }
  }

  static GridMasks.CropMasks read(DataInputStream in) throws IOException {
    Tiling.Region region =
        new Tiling.Region(in.readInt(), in.readInt(), in.readInt(), in.readInt());
    Crop crop = new Crop(region, in.readInt());
    int count = in.readInt();
    List<MaskCandidate> masks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float iou = in.readFloat();
      float stability = in.readFloat();
      double x = in.readDouble();
      double y = in.readDouble();
      FinalInterval frame =
          FinalInterval.createMinSize(in.readInt(), in.readInt(), in.readInt(), in.readInt());
      int[] counts = new int[in.readInt()];
      for (int k = 0; k < counts.length; k++) {
        counts[k] = in.readInt();
      }
      masks.add(new MaskCandidate(RunLengths.of(frame, counts), iou, stability, x, y));
    }
    return new GridMasks.CropMasks(crop, masks);
  }

  private static void ints(DataOutputStream out, int... values) throws IOException {
    for (int value : values) {
      out.writeInt(value);
    }
  }
}

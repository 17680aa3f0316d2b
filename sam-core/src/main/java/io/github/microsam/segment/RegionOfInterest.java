package io.github.microsam.segment;

import io.github.microsam.embedding.TileEmbeddings;
import io.github.microsam.image.Tiling;
import io.github.microsam.label.LabelRegion;
import io.github.microsam.label.LabelRegions;
import io.github.microsam.label.SequentialLabels;
import io.github.microsam.prompt.ImageEmbedding;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.imglib2.Cursor;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.RealType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.view.Views;

/** The part of an image that is segmented. */
final class RegionOfInterest {
  private final int width;
  private final boolean[] inside;

  private RegionOfInterest(int width, boolean[] inside) {
    this.width = width;
    this.inside = inside;
  }

  static RegionOfInterest of(
      RandomAccessibleInterval<? extends RealType<?>> mask, int width, int height) {
    if (mask.numDimensions() != 2 || mask.dimension(0) != width || mask.dimension(1) != height) {
      throw new SegmentationException(
          "The mask has the size %s, expected that of the image: %d x %d."
              .formatted(Arrays.toString(mask.dimensionsAsLongArray()), width, height));
    }
    ImageMemory.requireOneArray(width, height);
    boolean[] inside = new boolean[width * height];
    Cursor<? extends RealType<?>> cursor = Views.flatIterable(mask).cursor();
    for (int i = 0; i < inside.length; i++) {
      inside[i] = cursor.next().getRealDouble() != 0;
    }
    return new RegionOfInterest(width, inside);
  }

  /** The same embeddings without those of tiles that have, with their halo, no part in it. */
  TileEmbeddings over(TileEmbeddings tiles) {
    return new TileEmbeddings() {
      @Override
      public Tiling tiling() {
        return tiles.tiling();
      }

      @Override
      public boolean isSkipped(int tile) {
        return tiles.isSkipped(tile) || !touches(tiling().outer(tile));
      }

      @Override
      public ImageEmbedding embedding(int tile) {
        return tiles.embedding(tile);
      }
    };
  }

  private boolean touches(Tiling.Region r) {
    for (int y = r.y(); y < r.y() + r.height(); y++) {
      for (int x = r.x(); x < r.x() + r.width(); x++) {
        if (inside[y * width + x]) {
          return true;
        }
      }
    }
    return false;
  }

  /** The objects' parts inside, numbered anew. */
  Segmentation cut(Segmentation objects) {
    int[] ids = new int[inside.length];
    Cursor<UnsignedIntType> cursor = Views.flatIterable(objects.labels()).cursor();
    for (int i = 0; i < ids.length; i++) {
      int id = cursor.next().getInt();
      ids[i] = inside[i] ? id : 0;
    }
    RandomAccessibleInterval<UnsignedIntType> cut =
        ArrayImgs.unsignedInts(ids, width, inside.length / width);
    List<LabelRegion> left = LabelRegions.of(cut);
    Map<Long, Double> iou = new LinkedHashMap<>();
    for (int i = 0; i < left.size(); i++) {
      Double prediction = objects.iouPredictions().get(left.get(i).id());
      if (prediction != null) {
        iou.put(i + 1L, prediction);
      }
    }
    return new Segmentation(SequentialLabels.relabel(cut), left.size(), iou);
  }
}

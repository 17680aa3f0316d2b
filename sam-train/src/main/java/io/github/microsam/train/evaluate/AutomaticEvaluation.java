package io.github.microsam.train.evaluate;

import io.github.microsam.embedding.TileEmbeddings;
import io.github.microsam.image.ImageSource;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.SamPredictor;
import io.github.microsam.segment.AisOptions;
import io.github.microsam.segment.ApgOptions;
import io.github.microsam.segment.AutomaticMaskGenerator;
import io.github.microsam.segment.AutomaticPromptGenerator;
import io.github.microsam.segment.AutomaticSegmentation;
import io.github.microsam.segment.DistanceMaps;
import io.github.microsam.segment.DistanceWatershed;
import io.github.microsam.segment.GridMasks;
import io.github.microsam.segment.MapDecoder;
import io.github.microsam.segment.MaskSelectionOptions;
import io.github.microsam.segment.SegmentationListener;
import io.github.microsam.segment.SegmentationOptions;
import io.github.microsam.train.data.ImageLabelDataset;
import io.github.microsam.train.data.LabelledPlane;
import java.util.ArrayList;
import java.util.List;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedIntType;

/**
 * Automatic segmentation of the images of a data set: with given options, or searching the best
 * ones on validation images, where the networks run once an image (for APG its prompts are run for
 * each choice). Not for several threads at once.
 */
public final class AutomaticEvaluation {
  private final SamModel model;

  /**
   * An evaluation.
   *
   * @param model an open model, which stays the caller's
   */
  public AutomaticEvaluation(SamModel model) {
    this.model = model;
  }

  /**
   * Segments images.
   *
   * @param images with their true objects
   * @param automatic the mode
   * @param options of the mode
   * @param listener is told after every image
   * @return the scores of each image
   */
  public List<Scores> run(
      ImageLabelDataset images,
      AutomaticSegmentation automatic,
      SegmentationOptions options,
      SegmentationListener listener) {
    List<Scores> scores = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      listener.progress(i, images.size());
      scores.add(
          Scores.of(automatic.segment(images.source(i), options).labels(), truth(images, i)));
    }
    listener.progress(images.size(), images.size());
    return scores;
  }

  /**
   * Searches options of AIS.
   *
   * @param images for validation
   * @param grid what is tried, {@link SearchGrids#ais}
   * @param options whose tiles are used
   * @param listener is told after every image
   * @return the search
   */
  public GridSearch<AisOptions> searchAis(
      ImageLabelDataset images,
      List<AisOptions> grid,
      SegmentationOptions options,
      SegmentationListener listener) {
    GridSearch<AisOptions> search = new GridSearch<>(grid);
    MapDecoder decoder = new MapDecoder(model);
    for (int i = 0; i < images.size(); i++) {
      listener.progress(i, images.size());
      DistanceMaps maps =
          decoder.maps(embeddings(images.source(i), options), SegmentationListener.SILENT);
      search.add(o -> DistanceWatershed.segment(maps, o), truth(images, i));
    }
    listener.progress(images.size(), images.size());
    return search;
  }

  /**
   * Searches options of AMG.
   *
   * @param images for validation
   * @param grid what is tried, {@link SearchGrids#amg}
   * @param options whose tiles and grid of points are used
   * @param listener is told after every image
   * @return the search
   */
  public GridSearch<MaskSelectionOptions> searchAmg(
      ImageLabelDataset images,
      List<MaskSelectionOptions> grid,
      SegmentationOptions options,
      SegmentationListener listener) {
    GridSearch<MaskSelectionOptions> search = new GridSearch<>(grid);
    AutomaticMaskGenerator generator =
        new AutomaticMaskGenerator(new SamPredictor(model), options.grid());
    for (int i = 0; i < images.size(); i++) {
      listener.progress(i, images.size());
      GridMasks masks =
          generator.initialize(embeddings(images.source(i), options), SegmentationListener.SILENT);
      search.add(o -> masks.segment(o).labels(), truth(images, i));
    }
    listener.progress(images.size(), images.size());
    return search;
  }

  /**
   * Searches options of APG.
   *
   * @param images for validation
   * @param grid what is tried, {@link SearchGrids#apg}
   * @param options whose tiles are used
   * @param listener is told after every image
   * @return the search
   */
  public GridSearch<ApgOptions> searchApg(
      ImageLabelDataset images,
      List<ApgOptions> grid,
      SegmentationOptions options,
      SegmentationListener listener) {
    GridSearch<ApgOptions> search = new GridSearch<>(grid);
    MapDecoder decoder = new MapDecoder(model);
    AutomaticPromptGenerator generator = new AutomaticPromptGenerator(model);
    for (int i = 0; i < images.size(); i++) {
      listener.progress(i, images.size());
      TileEmbeddings tiles = embeddings(images.source(i), options);
      DistanceMaps maps = decoder.maps(tiles, SegmentationListener.SILENT);
      search.add(
          o -> generator.segment(maps, tiles, o, SegmentationListener.SILENT).labels(),
          truth(images, i));
    }
    listener.progress(images.size(), images.size());
    return search;
  }

  private TileEmbeddings embeddings(ImageSource image, SegmentationOptions options) {
    return TileEmbeddings.compute(
        new SamPredictor(model), image, options.tiles().of(image.width(), image.height()));
  }

  private static RandomAccessibleInterval<UnsignedIntType> truth(ImageLabelDataset images, int i) {
    LabelledPlane plane = images.plane(i);
    return ArrayImgs.unsignedInts(plane.labels(), plane.width(), plane.height());
  }
}

package io.github.microsam.segment;

import java.util.function.UnaryOperator;

/**
 * How images are segmented: the options of all modes, of which those of the mode in use count.
 * {@link AutomaticSegmentation#defaults()} has what is best for a model.
 *
 * @param grid which points AMG prompts with
 * @param masks which of AMG's masks become objects
 * @param ais how AIS makes objects
 * @param apg how APG makes objects
 * @param tiles whether images are cut
 */
public record SegmentationOptions(
    PointGridOptions grid,
    MaskSelectionOptions masks,
    AisOptions ais,
    ApgOptions apg,
    Tiles tiles) {

  /**
   * The defaults of the reference, for any model: no tiles.
   *
   * @return the defaults
   */
  public static SegmentationOptions reference() {
    return new SegmentationOptions(
        PointGridOptions.defaults(),
        MaskSelectionOptions.defaults(),
        AisOptions.defaults(),
        ApgOptions.defaults(),
        new Tiles.Whole());
  }

  /**
   * With other points of AMG.
   *
   * @param change from the present options to the new ones
   * @return a copy
   */
  public SegmentationOptions withGrid(UnaryOperator<PointGridOptions> change) {
    return new SegmentationOptions(change.apply(grid), masks, ais, apg, tiles);
  }

  /**
   * With another choice of AMG's masks.
   *
   * @param change from the present options to the new ones
   * @return a copy
   */
  public SegmentationOptions withMasks(UnaryOperator<MaskSelectionOptions> change) {
    return new SegmentationOptions(grid, change.apply(masks), ais, apg, tiles);
  }

  /**
   * With other options of AIS.
   *
   * @param change from the present options to the new ones
   * @return a copy
   */
  public SegmentationOptions withAis(UnaryOperator<AisOptions> change) {
    return new SegmentationOptions(grid, masks, change.apply(ais), apg, tiles);
  }

  /**
   * With other options of APG.
   *
   * @param change from the present options to the new ones
   * @return a copy
   */
  public SegmentationOptions withApg(UnaryOperator<ApgOptions> change) {
    return new SegmentationOptions(grid, masks, ais, change.apply(apg), tiles);
  }

  /**
   * With other tiles.
   *
   * @param tiles whether images are cut
   * @return a copy
   */
  public SegmentationOptions withTiles(Tiles tiles) {
    return new SegmentationOptions(grid, masks, ais, apg, tiles);
  }
}

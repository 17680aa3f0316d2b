package io.github.microsam.segment;

import io.github.microsam.image.Tiling;
import io.github.microsam.model.SamModel;
import io.github.microsam.weights.TinyVitConfig;

/**
 * How much of an image a model is given at once.
 *
 * @param model the model, or the same one with a larger input
 * @param tiling how the image is cut for it
 */
public record InputChoice(SamModel model, Tiling tiling) {

  /**
   * The size of input that costs least. A TinyViT that sees images at their own resolution can have
   * a larger one than it was trained with: fewer halos are computed then, and fewer objects lie at
   * the borders of tiles. Of sizes up to twice the trained one that is taken with which fewest
   * pixels go through the network.
   */
  static InputChoice of(SamModel model, Tiles tiles, int width, int height) {
    InputChoice best = new InputChoice(model, tiles.of(width, height));
    int own = model.config().encoder().imageSize();
    if (best.tiling.count() == 1
        || !model.options().nativeResolution()
        || !(model.config().encoder() instanceof TinyVitConfig vit)
        || !(tiles instanceof Tiles.Automatic automatic)
        || automatic.largestWhole() != own) {
      return best;
    }
    int bestSide = own;
    for (int side : new int[] {own + own / 2, 2 * own}) {
      Tiling tiling =
          new Tiles.Automatic(side, side - 2 * automatic.halo(), automatic.halo())
              .of(width, height);
      if (side % vit.stride() == 0 && pixels(tiling, side) <= pixels(best.tiling, bestSide)) {
        best = new InputChoice(model, tiling);
        bestSide = side;
      }
    }
    return new InputChoice(model.resized(bestSide), best.tiling);
  }

  private static long pixels(Tiling tiling, int side) {
    return (long) tiling.count() * side * side;
  }
}

package io.github.microsam.segment;

import io.github.microsam.embedding.TileEmbeddings;
import io.github.microsam.image.Tiling;
import io.github.microsam.label.RunLengths;
import io.github.microsam.prompt.ImageEmbedding;
import io.github.microsam.prompt.Prediction;
import io.github.microsam.prompt.Prompt;
import io.github.microsam.prompt.PromptException;
import io.github.microsam.prompt.SamPredictor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Masks for prompts in an image that is cut into tiles. An object is segmented in one tile with its
 * halo: that of the middle of its box or, without a box, of its first positive point. What a prompt
 * has outside of it is not seen: points are left out, and boxes end at its border. An image that is
 * not cut is one tile, which gets prompts as they are.
 *
 * <p>Immutable; threads may share it if they may share the embeddings.
 */
public final class TiledPredictor {
  private static final double STABILITY_OFFSET = 1; // not asked for

  private final SamPredictor predictor;
  private final TileEmbeddings tiles;

  /**
   * A predictor for one image.
   *
   * @param predictor whose options choose among candidates
   * @param tiles embeddings of the image by the predictor's model
   */
  public TiledPredictor(SamPredictor predictor, TileEmbeddings tiles) {
    this.predictor = predictor;
    this.tiles = tiles;
  }

  /**
   * The mask of an object.
   *
   * @param mask in the coordinates of the image, in a frame that may be smaller than the tile
   * @param prediction what the model said of the tile; its logits can be handed back with later
   *     prompts for the same object
   */
  public record Answer(RunLengths mask, Prediction prediction) {}

  /**
   * Segments objects.
   *
   * @param prompts in coordinates of the image, one an object
   * @return an answer to each, in their order
   * @throws PromptException if a prompt in an image of several tiles has neither a box nor a
   *     positive point, if its tile was skipped when the image was embedded, or for what {@link
   *     SamPredictor#predict} refuses
   */
  public List<Answer> predict(List<Prompt> prompts) {
    Map<Integer, List<Integer>> byTile = new TreeMap<>();
    for (int i = 0; i < prompts.size(); i++) {
      byTile.computeIfAbsent(tileOf(prompts.get(i)), t -> new ArrayList<>()).add(i);
    }
    Answer[] answers = new Answer[prompts.size()];
    byTile.forEach(
        (tile, indices) -> {
          Tiling.Region outer = tiles.tiling().outer(tile);
          ImageEmbedding embedding = tiles.embedding(tile);
          boolean cut = tiles.tiling().count() > 1;
          List<Prompt> inTile =
              indices.stream()
                  .map(prompts::get)
                  .map(prompt -> cut ? seenFrom(outer, prompt) : prompt)
                  .toList();
          List<Prediction> predictions = predictor.predict(embedding, inTile);
          for (int i = 0; i < predictions.size(); i++) {
            Prediction p = predictions.get(i);
            RunLengths mask = MaskReading.of(p, outer.x(), outer.y(), 0, STABILITY_OFFSET).mask();
            answers[indices.get(i)] = new Answer(mask, p);
          }
        });
    return Arrays.asList(answers);
  }

  private int tileOf(Prompt prompt) {
    Tiling tiling = tiles.tiling();
    if (tiling.count() == 1) {
      return 0;
    }
    Prompt.Point at =
        prompt
            .box()
            .map(b -> new Prompt.Point((b.x0() + b.x1()) / 2, (b.y0() + b.y1()) / 2, true))
            .or(() -> prompt.points().stream().filter(Prompt.Point::positive).findFirst())
            .orElseThrow(
                () ->
                    new PromptException(
                        "A prompt without a box or a positive point does not tell where its object"
                            + " is: "
                            + prompt));
    int column = index(at.x(), tiling.tileWidth(), tiling.columns());
    int tile = index(at.y(), tiling.tileHeight(), tiling.rows()) * tiling.columns() + column;
    if (tiles.isSkipped(tile)) {
      throw new PromptException(
          "The tile of %s was skipped when the image was embedded.".formatted(prompt));
    }
    return tile;
  }

  private static int index(double position, int size, int count) {
    return Math.max(0, Math.min(count - 1, (int) (position / size)));
  }

  private static Prompt seenFrom(Tiling.Region tile, Prompt prompt) {
    List<Prompt.Point> points =
        prompt.points().stream()
            .map(p -> new Prompt.Point(p.x() - tile.x(), p.y() - tile.y(), p.positive()))
            .filter(p -> p.x() >= 0 && p.y() >= 0 && p.x() < tile.width() && p.y() < tile.height())
            .toList();
    List<Prompt> parts = new ArrayList<>();
    prompt.box().ifPresent(b -> parts.add(clipped(tile, b)));
    if (!points.isEmpty()) {
      parts.add(Prompt.points(points));
    }
    prompt.mask().ifPresent(m -> parts.add(Prompt.mask(m)));
    return parts.stream().reduce(Prompt::and).orElseThrow();
  }

  private static Prompt clipped(Tiling.Region tile, Prompt.Box b) {
    return Prompt.box(
        Math.max(0, b.x0() - tile.x()),
        Math.max(0, b.y0() - tile.y()),
        Math.min(tile.width(), b.x1() - tile.x()),
        Math.min(tile.height(), b.y1() - tile.y()));
  }
}

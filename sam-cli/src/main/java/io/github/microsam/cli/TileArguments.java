package io.github.microsam.cli;

import io.github.microsam.embedding.CacheOptions;
import io.github.microsam.segment.SegmentationOptions;
import io.github.microsam.segment.Tiles;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** How large images are cut. */
final class TileArguments {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,6})(?:x(\\d{1,6}))?");

  @Option(
      names = "--tile",
      paramLabel = "SIZE|WxH|none",
      description =
          "Cut images into tiles of this size, or do not cut them; by default images are cut that"
              + " are larger than the model sees well at once.")
  private String tile;

  @Option(
      names = "--halo",
      paramLabel = "SIZE|XxY",
      description = "Pixels that are added to tiles on each side; by default an eighth of --tile.")
  private String halo;

  boolean given() {
    return tile != null;
  }

  SegmentationOptions over(SegmentationOptions options) {
    if (tile == null) {
      if (halo != null) {
        throw new CommandException("--halo needs --tile.");
      }
      return options;
    }
    if (tile.equals("none")) {
      if (halo != null) {
        throw new CommandException("--halo has no meaning with --tile none.");
      }
      return options.withTiles(new Tiles.Whole());
    }
    CacheOptions.TileSize size = withHalo(tile, halo);
    return options.withTiles(
        new Tiles.Fixed(size.width(), size.height(), size.haloX(), size.haloY()));
  }

  /** A tile and its halo, by default an eighth of it. */
  static CacheOptions.TileSize withHalo(String tile, String halo) {
    int[] size = size("--tile", tile);
    int[] around = halo == null ? new int[] {size[0] / 8, size[1] / 8} : size("--halo", halo);
    return new CacheOptions.TileSize(size[0], size[1], around[0], around[1]);
  }

  private static int[] size(String option, String text) {
    Matcher m = SIZE.matcher(text);
    if (!m.matches()) {
      throw new CommandException(
          option + " " + text + ": expected a number of pixels, or two as in 512x384.");
    }
    int first = Integer.parseInt(m.group(1));
    return new int[] {first, m.group(2) == null ? first : Integer.parseInt(m.group(2))};
  }
}

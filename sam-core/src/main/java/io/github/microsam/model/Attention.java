package io.github.microsam.model;

import io.github.microsam.engine.Regions;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Self-attention over a square map of tokens with decomposed relative positions (MViTv2, Li et al.
 * 2022, section 4.1): the logit of a query at row r, column c and a key at row r', column c' is
 * {@code (q·k) / √d + q·Rh[r, r'] + q·Rw[c, c']}.
 *
 * <p>The two terms of the position ride on the product of queries and keys: a query is followed by
 * its products with all rows and with all columns, a key by the one-hot codes of its row and of its
 * column. So nothing of the size of the logits is added to them.
 *
 * @param width channels of a token
 * @param heads attention heads
 * @param side rows and columns of the map
 */
record Attention(int width, int heads, int side) {

  /**
   * Adds the layer.
   *
   * @param s where; modules {@code qkv} and {@code proj}, keys {@code rel_pos_h} and {@code
   *     rel_pos_w}, both {@code [2 side - 1, width / heads]}
   * @param x {@code [B, side, side, width]}
   * @param layers how the linear layers are built
   * @return {@code [B, side, side, width]}
   */
  SDVariable add(Scope s, SDVariable x, BlockLayers layers) {
    SameDiff sd = s.sd();
    SDVariable qkv = layers.qkv(s.at("qkv"), x, width);
    SDVariable parts = sd.reshape(qkv, -1, tokens(), 3, heads, channels());
    SDVariable[] byPart = sd.unstack(sd.permute(parts, 2, 0, 3, 1, 4), 0, 3);
    SDVariable query = merged(byPart[0]);
    SDVariable key = merged(byPart[1]);
    SDVariable value = merged(byPart[2]);

    SDVariable byRow = table(s, "rel_pos_h");
    SDVariable byColumn = table(s, "rel_pos_w");
    SDVariable extended = withPositions(s, query, byRow, byColumn);
    SDVariable logits = sd.mmul(extended, withCodes(s, key), false, true, false);
    SDVariable attended = sd.mmul(sd.nn().softmax(logits, 2), value);

    SDVariable byHead = sd.reshape(attended, -1, heads, tokens(), channels());
    SDVariable joined = sd.reshape(sd.permute(byHead, 0, 2, 1, 3), -1, side, side, width);
    s.regions()
        .add(Regions.ATTENTION, Map.of("heads", heads), List.of(qkv, byRow, byColumn), joined);
    return s.output(layers.proj(s.at("proj"), joined, width));
  }

  private int tokens() {
    return side * side;
  }

  private int channels() {
    return width / heads;
  }

  /** {@code [B, heads, T, d]} to {@code [B · heads, T, d]}. */
  private SDVariable merged(SDVariable part) {
    return part.getSameDiff().reshape(part, -1, tokens(), channels());
  }

  /** Queries, each followed by q·Rh for every row and q·Rw for every column. */
  private SDVariable withPositions(
      Scope s, SDVariable query, SDVariable rowTable, SDVariable columnTable) {
    SameDiff sd = s.sd();
    SDVariable map = sd.reshape(query, -1, side, side, channels());
    SDVariable byRow = sd.reshape(sd.permute(map, 1, 0, 2, 3), side, -1, channels());
    SDVariable rows = sd.mmul(byRow, rowTable, false, true, false);
    SDVariable rowTerm = sd.permute(sd.reshape(rows, side, -1, side, side), 1, 0, 2, 3);
    SDVariable byColumn = sd.reshape(sd.permute(map, 2, 0, 1, 3), side, -1, channels());
    SDVariable columns = sd.mmul(byColumn, columnTable, false, true, false);
    SDVariable columnTerm = sd.permute(sd.reshape(columns, side, -1, side, side), 1, 2, 0, 3);
    SDVariable extended = sd.concat(3, map, rowTerm, columnTerm);
    return sd.reshape(extended, -1, tokens(), channels() + 2 * side);
  }

  /** {@code [side, side, d]}: the embedding of each pair of positions along one axis. */
  private SDVariable table(Scope s, String name) {
    int length = 2 * side - 1;
    SDVariable table = s.parameter(name, Init.ZEROS, length, channels());
    return RelativePosition.add(s.at(name), table, length, channels(), side, side);
  }

  /** Scaled keys, each followed by the codes of its row and of its column. */
  private SDVariable withCodes(Scope s, SDVariable key) {
    SameDiff sd = s.sd();
    int d = channels();
    INDArray codes = Nd4j.zeros(1, tokens(), d + 2 * side);
    for (int t = 0; t < tokens(); t++) {
      codes.putScalar(0, t, d + t / side, 1);
      codes.putScalar(0, t, d + side + t % side, 1);
    }
    int[][] padding = {{0, 0}, {0, 0}, {0, 2 * side}};
    SDVariable widened =
        sd.nn().pad(key.div(Math.sqrt(d)), sd.constant(Nd4j.createFromArray(padding)), 0);
    return widened.add(s.constant("codes", codes));
  }
}

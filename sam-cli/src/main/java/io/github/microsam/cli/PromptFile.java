package io.github.microsam.cli;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import io.github.microsam.prompt.Prompt;
import io.github.microsam.prompt.PromptException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Prompts for many objects in a JSON or CSV file, as the help of {@code microsam predict} describes
 * them.
 */
final class PromptFile {
  private static final String COLUMNS = "object,type,x,y,x1,y1";

  private PromptFile() {}

  /** An object of a JSON file. */
  private record JsonObject(List<Double> box, List<List<Double>> points, List<Integer> labels) {

    Prompt toPrompt() {
      if (box == null && points == null) {
        throw new PromptException("It has neither a box nor points.");
      }
      if (box == null) {
        return shown();
      }
      return points == null ? around() : around().and(shown());
    }

    private Prompt around() {
      if (box.size() != 4) {
        throw new PromptException(
            "A box has 4 numbers, x0, y0, x1 and y1, not " + box.size() + ".");
      }
      return Prompt.box(box.get(0), box.get(1), box.get(2), box.get(3));
    }

    private Prompt shown() {
      double[][] xy = new double[points.size()][];
      for (int i = 0; i < xy.length; i++) {
        xy[i] = points.get(i).stream().mapToDouble(Double::doubleValue).toArray();
      }
      int[] kinds = new int[labels == null ? xy.length : labels.size()];
      for (int i = 0; i < kinds.length; i++) {
        kinds[i] = labels == null ? 1 : labels.get(i);
      }
      return Prompt.points(xy, kinds);
    }
  }

  /**
   * Reads a file.
   *
   * @throws CommandException if it cannot be read, says what is wrong and where
   */
  static List<Prompt> read(Path file) {
    String text;
    try {
      text = Files.readString(file).strip();
    } catch (IOException e) {
      throw new CommandException("Cannot read the prompts in " + file + ": " + e.getMessage());
    }
    List<Prompt> prompts = text.startsWith("[") ? json(file, text) : csv(file, text);
    if (prompts.isEmpty()) {
      throw new CommandException(file + " has no prompts.");
    }
    return prompts;
  }

  private static List<Prompt> json(Path file, String text) {
    JsonObject[] objects;
    try {
      objects = new Gson().fromJson(text, JsonObject[].class);
    } catch (JsonParseException e) {
      throw new CommandException(file + " is not a list of prompts: " + e.getMessage());
    }
    List<Prompt> prompts = new ArrayList<>();
    for (JsonObject object : objects) {
      String where = file + ", object " + (prompts.size() + 1) + ": ";
      if (object == null) {
        throw new CommandException(where + "null");
      }
      try {
        prompts.add(object.toPrompt());
      } catch (PromptException e) {
        throw new CommandException(where + e.getMessage());
      }
    }
    return prompts;
  }

  private static List<Prompt> csv(Path file, String text) {
    List<String> lines = text.lines().toList();
    if (lines.isEmpty() || !lines.get(0).replace(" ", "").equals(COLUMNS)) {
      throw new CommandException(
          file
              + " is neither JSON, a list in [ ], nor CSV with the columns "
              + COLUMNS
              + " in its first line.");
    }
    Map<String, Prompt> objects = new LinkedHashMap<>();
    for (int i = 1; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        String[] cells = lines.get(i).split(",", -1);
        try {
          objects.merge(cells[0].strip(), row(cells), Prompt::and);
        } catch (PromptException e) {
          throw new CommandException(file + ", line " + (i + 1) + ": " + e.getMessage());
        }
      }
    }
    return List.copyOf(objects.values());
  }

  private static Prompt row(String[] cells) {
    String type = cells.length > 1 ? cells[1].strip() : "";
    return switch (type) {
      case "box" ->
          Prompt.box(number(cells, 2), number(cells, 3), number(cells, 4), number(cells, 5));
      case "point" -> Prompt.point(number(cells, 2), number(cells, 3));
      case "negative" -> Prompt.negative(number(cells, 2), number(cells, 3));
      default ->
          throw new PromptException("The type is '" + type + "'; it is box, point or negative.");
    };
  }

  private static double number(String[] cells, int index) {
    String name = COLUMNS.split(",", -1)[index];
    if (index >= cells.length) {
      throw new PromptException("There is no " + name + ".");
    }
    try {
      return Double.parseDouble(cells[index].strip());
    } catch (NumberFormatException e) {
      throw new PromptException(name + " is '" + cells[index].strip() + "', not a number.");
    }
  }
}

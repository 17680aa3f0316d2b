package io.github.microsam.train.evaluate;

import io.github.microsam.io.WholeFile;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.IntegerType;

/**
 * The best of many options on validation images, whose state (maps, or masks of a grid of points)
 * is computed once. One image is looked at after another, so that the state of one at a time is in
 * memory; the options are tried on all threads.
 *
 * @param <O> the options, a record
 */
public final class GridSearch<O extends Record> {
  private final List<O> grid;
  private final List<List<Scores>> scores = new ArrayList<>();

  /**
   * A search.
   *
   * @param grid what is tried, at least one
   * @throws IllegalArgumentException if there is none
   */
  public GridSearch(List<O> grid) {
    if (grid.isEmpty()) {
      throw new IllegalArgumentException("a search among no options; give at least one");
    }
    this.grid = List.copyOf(grid);
    grid.forEach(o -> scores.add(new ArrayList<>()));
  }

  /**
   * Tries all options on an image.
   *
   * @param segmentation makes objects of the image's state with options; called by several threads
   * @param truth true objects, (x, y)
   */
  public void add(
      Function<O, RandomAccessibleInterval<? extends IntegerType<?>>> segmentation,
      RandomAccessibleInterval<? extends IntegerType<?>> truth) {
    List<Scores> ofImage =
        IntStream.range(0, grid.size())
            .parallel()
            .mapToObj(i -> Scores.of(segmentation.apply(grid.get(i)), truth))
            .toList();
    for (int i = 0; i < grid.size(); i++) {
      scores.get(i).add(ofImage.get(i));
    }
  }

  /**
   * Options and how well they did.
   *
   * @param options what was tried
   * @param scores mean over the images
   * @param <O> the options
   */
  public record Entry<O>(O options, Scores scores) {}

  /**
   * All options.
   *
   * @return in the order of the grid
   * @throws IllegalArgumentException if no image was added
   */
  public List<Entry<O>> entries() {
    return IntStream.range(0, grid.size())
        .mapToObj(i -> new Entry<>(grid.get(i), Scores.mean(scores.get(i))))
        .toList();
  }

  /**
   * The options with the highest mean segmentation accuracy, of equals the first.
   *
   * @return the best
   * @throws IllegalArgumentException if no image was added
   */
  public Entry<O> best() {
    return entries().stream()
        .reduce((a, b) -> b.scores().msa() > a.scores().msa() ? b : a)
        .orElseThrow();
  }

  /**
   * Writes all options with their scores.
   *
   * @param file CSV; an existing one is replaced
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public void write(Path file) {
    RecordComponent[] components = grid.get(0).getClass().getRecordComponents();
    List<String> names =
        new ArrayList<>(Arrays.stream(components).map(RecordComponent::getName).toList());
    names.addAll(List.of("mSA", "SA50", "SA75"));
    List<String> lines = new ArrayList<>(List.of(String.join(",", names)));
    for (Entry<O> entry : entries()) {
      List<String> values = new ArrayList<>();
      for (RecordComponent component : components) {
        values.add(value(entry.options(), component));
      }
      Scores s = entry.scores();
      values.addAll(List.of("" + s.msa(), "" + s.sa50(), "" + s.sa75()));
      lines.add(String.join(",", values));
    }
    WholeFile.write(file, temporary -> Files.write(temporary, lines));
  }

  private static String value(Record options, RecordComponent component) {
    try {
      return component.getAccessor().invoke(options).toString().replace(',', ';');
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("options are no public record", e);
    }
  }
}

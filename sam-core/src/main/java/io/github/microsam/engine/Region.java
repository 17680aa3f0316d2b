package io.github.microsam.engine;

import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A part of a graph with a name, which a layer declares over the stock operations that it adds and
 * which a kernel may replace: all operations between the inputs and the output.
 *
 * @param kind what it computes, for instance {@code linear}; the kinds are listed in {@link
 *     Regions}
 * @param attributes what the arrays do not tell, for instance an epsilon
 * @param inputs variables that go in, weights among them, in the order that the kind defines
 * @param output the variable that comes out
 * @param parts the regions that a group is made of, those that are read before those that read
 *     them; empty for all other kinds
 */
public record Region(
    String kind,
    Map<String, Object> attributes,
    List<SDVariable> inputs,
    SDVariable output,
    List<Region> parts) {

  /** Attribute: a list of variables inside the region that may be read from outside. */
  public static final String OBSERVABLES = "observables";

  /**
   * Copies the collections.
   *
   * @param kind what it computes
   * @param attributes what the arrays do not tell
   * @param inputs variables that go in
   * @param output the variable that comes out
   * @param parts the regions that a group is made of
   */
  public Region {
    attributes = Map.copyOf(attributes);
    inputs = List.copyOf(inputs);
    parts = List.copyOf(parts);
  }

  /**
   * A region that is not a group.
   *
   * @param kind what it computes
   * @param attributes what the arrays do not tell
   * @param inputs variables that go in
   * @param output the variable that comes out
   */
  public Region(
      String kind, Map<String, Object> attributes, List<SDVariable> inputs, SDVariable output) {
    this(kind, attributes, inputs, output, List.of());
  }

  /**
   * Variables inside the region that may be read from outside although a kernel replaces it: the
   * statistics of a batch, for instance. Attribute {@value #OBSERVABLES}.
   *
   * @return in the order that the kind defines; mostly empty
   */
  public List<SDVariable> observables() {
    if (attributes.get(OBSERVABLES) instanceof List<?> list) {
      return list.stream().map(SDVariable.class::cast).toList();
    }
    return List.of();
  }

  /**
   * Names of the inputs, as the graph calls them now.
   *
   * @return in the order of the inputs
   */
  public List<String> inputNames() {
    return inputs.stream().map(SDVariable::name).toList();
  }
}

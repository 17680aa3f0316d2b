package io.github.microsam.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Runs one SameDiff graph with bounded memory. The first call with new input shapes compiles a
 * {@link Plan}; further calls with those shapes run it again in the same memory. The last few plans
 * are kept.
 *
 * <pre>{@code
 * try (Engine engine = new Engine(graph)) {
 *   Map<String, INDArray> result = engine.run(Map.of("image", image), List.of("embedding"));
 * }
 * }</pre>
 *
 * <p>Threads may share an engine: calls run one after the other, each with as many threads as the
 * {@linkplain EngineOptions options} say. Engines share the cores of the JVM: a call waits until as
 * many are free as it has threads. The weights are those of the graph, which stays the owner of
 * them: a change of a variable's array is seen by the next call. Closing frees the engine's memory
 * and leaves the graph alone.
 */
public final class Engine implements AutoCloseable {
  /** Plans kept: one an image size for an encoder, some numbers of prompts for a decoder. */
  private static final int MAX_PLANS = 8;

  /**
   * Plans for training kept: one for each number of points that a decoder is asked with, with and
   * without a mask, for some numbers of objects. They lie in the same memory.
   */
  private static final int MAX_GRADIENT_PLANS = 96;

  private final SameDiff graph;
  private final Regions regions;
  private final List<KernelProvider> providers;
  private final EngineOptions options;
  private final Map<String, Plan> plans = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<String, GradientPlan> gradientPlans = new LinkedHashMap<>(16, 0.75f, true);
  private final SharedMemory gradientMemory = new SharedMemory(this::dropGradientPlans);
  private boolean closed;

  /**
   * An engine for a graph.
   *
   * @param graph the graph, without control flow; it must not change while the engine is in use
   */
  public Engine(SameDiff graph) {
    this(graph, new Regions(), List.of());
  }

  /**
   * An engine for a graph with regions that kernels may replace.
   *
   * @param graph the graph, without control flow; it must not change while the engine is in use
   * @param regions parts of the graph
   * @param providers who may have kernels for them, the preferred one first
   */
  public Engine(SameDiff graph, Regions regions, List<KernelProvider> providers) {
    this(graph, regions, providers, EngineOptions.defaults());
  }

  /**
   * An engine for a graph with other than the usual options.
   *
   * @param graph the graph, without control flow; it must not change while the engine is in use
   * @param regions parts of the graph
   * @param providers who may have kernels for them, the preferred one first
   * @param options how plans are run
   */
  public Engine(
      SameDiff graph, Regions regions, List<KernelProvider> providers, EngineOptions options) {
    this.graph = graph;
    this.options = options;
    this.regions = regions;
    this.providers = List.copyOf(providers);
  }

  /**
   * The graph that is run.
   *
   * @return the graph; it must not change while the engine is in use
   */
  public SameDiff graph() {
    return graph;
  }

  /**
   * The parts of the graph that kernels may replace.
   *
   * @return the regions
   */
  public Regions regions() {
    return regions;
  }

  /**
   * Finds the shapes of all variables that the outputs are computed from, without running anything.
   *
   * @param inputs shape of each placeholder that the outputs need
   * @param outputs names of variables
   * @return shapes by name, of what operations compute; not of weights and inputs
   * @throws IllegalArgumentException if a name is unknown or an input is missing
   */
  public synchronized Map<String, long[]> shapes(
      Map<String, long[]> inputs, Collection<String> outputs) {
    return new PlanCompiler(graph, regions, providers, inputs, options)
        .shapes(List.copyOf(outputs));
  }

  /**
   * Runs the part of the graph that the outputs need.
   *
   * @param inputs an array for each placeholder that the outputs need; read only
   * @param outputs names of variables
   * @return new arrays by name, in the order asked for; the caller owns and closes them
   * @throws IllegalArgumentException if a name is unknown, an input is missing, or its shape does
   *     not fit
   * @throws PlanTooLargeException if the shapes are new and need more memory than there is, also
   *     without the plans that were kept
   * @throws IllegalStateException if the engine is closed
   */
  public synchronized Map<String, INDArray> run(
      Map<String, INDArray> inputs, Collection<String> outputs) {
    return plan(inputs, outputs).run(inputs);
  }

  /**
   * The plan that {@link #run} would use, compiled if need be.
   *
   * @param inputs arrays whose shapes count
   * @param outputs names of variables
   * @return the plan; valid until the engine is closed or drops it
   * @throws PlanTooLargeException if it is new and needs more memory than there is, also without
   *     the plans that were kept
   */
  public synchronized Plan plan(Map<String, INDArray> inputs, Collection<String> outputs) {
    checkOpen();
    Map<String, long[]> shapes = checkedShapes(inputs);
    List<String> names = List.copyOf(outputs);
    String key = key(names.toString(), shapes);
    Plan plan = plans.get(key);
    if (plan == null) {
      makeRoom(plans, MAX_PLANS, this::close);
      plan =
          compiled(
              () -> new PlanCompiler(graph, regions, providers, shapes, options).compile(names));
      plans.put(key, plan);
    }
    return plan;
  }

  /**
   * The plan for a forward and a backward pass, compiled if need be.
   *
   * @param inputs arrays whose shapes count
   * @param outputs names of variables: what the forward pass gives and the backward pass starts
   *     from
   * @param targets names of the variables and placeholders that gradients are taken with respect to
   * @return the plan; valid until the engine is closed or is asked for another one, which may need
   *     more memory than there is. All these plans lie in the same memory: a forward pass of one
   *     ends what another has kept for its backward pass
   * @throws IllegalArgumentException if a name is unknown, an input is missing, or its shape does
   *     not fit
   * @throws UnsupportedOperationException if an operation on the way has no gradient
   * @throws IllegalStateException if the engine is closed
   */
  public GradientPlan gradientPlan(
      Map<String, INDArray> inputs, Collection<String> outputs, Collection<String> targets) {
    return gradientPlan(inputs, outputs, List.of(), targets);
  }

  /**
   * As {@link #gradientPlan(Map, Collection, Collection)}, with further results of the forward pass
   * that the backward pass does not start from: the statistics of batches, for instance.
   *
   * @param inputs arrays whose shapes count
   * @param outputs names of variables: what the forward pass gives and the backward pass starts
   *     from
   * @param observed names of variables that the forward pass gives besides
   * @param targets names of the variables and placeholders that gradients are taken with respect to
   * @return the plan
   */
  public synchronized GradientPlan gradientPlan(
      Map<String, INDArray> inputs,
      Collection<String> outputs,
      Collection<String> observed,
      Collection<String> targets) {
    checkOpen();
    Map<String, long[]> shapes = checkedShapes(inputs);
    List<List<String>> names =
        List.of(List.copyOf(outputs), List.copyOf(observed), List.copyOf(targets));
    String key = key(names.toString(), shapes);
    GradientPlan plan = gradientPlans.get(key);
    if (plan == null) {
      makeRoom(gradientPlans, MAX_GRADIENT_PLANS, this::close);
      plan =
          compiled(
              () ->
                  new GradientCompiler(graph, regions, providers, shapes, gradientMemory, options)
                      .compile(names.get(0), names.get(1), names.get(2)));
      gradientPlans.put(key, plan);
    }
    return plan;
  }

  /**
   * Compiles with as many threads as will run the plan: kernels are made for their number. If there
   * is not enough memory, the plans that were kept make way.
   */
  private <P> P compiled(Supplier<P> compiler) {
    try {
      return Cores.supply(options.threads(), compiler);
    } catch (PlanTooLargeException e) {
      if (plans.isEmpty()) {
        throw e;
      }
      dropPlans();
      return Cores.supply(options.threads(), compiler);
    }
  }

  /**
   * Memory for the intermediate results of a {@linkplain #gradientPlan gradient plan}, without
   * taking it: to tell what a training needs.
   *
   * @param inputs arrays whose shapes count
   * @param outputs names of variables
   * @param observed names of variables
   * @param targets names of variables and placeholders
   * @return bytes
   */
  public synchronized long gradientBytes(
      Map<String, INDArray> inputs,
      Collection<String> outputs,
      Collection<String> observed,
      Collection<String> targets) {
    checkOpen();
    return new GradientCompiler(
            graph, regions, providers, checkedShapes(inputs), gradientMemory, options)
        .arenaBytes(List.copyOf(outputs), List.copyOf(observed), List.copyOf(targets));
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("this engine is closed");
    }
  }

  private static String key(String names, Map<String, long[]> shapes) {
    StringBuilder key = new StringBuilder(names);
    shapes.forEach((name, shape) -> key.append(' ').append(name).append(Arrays.toString(shape)));
    return key.toString();
  }

  private static <P> void makeRoom(Map<String, P> plans, int bound, Consumer<P> close) {
    List<String> oldest = new ArrayList<>(plans.keySet());
    for (int i = 0; i <= oldest.size() - bound; i++) {
      close.accept(plans.remove(oldest.get(i)));
    }
  }

  private void close(Plan plan) {
    report("", plan.describe());
    plan.close();
  }

  private void close(GradientPlan plan) {
    report("forward: ", plan.describeForward());
    report("backward: ", plan.describeBackward());
    plan.close();
  }

  /** A profile that was asked for is printed when its plan is done with. */
  private static void report(String pass, PlanDescription plan) {
    if (plan.profiledRuns() > 0) {
      System.err.print(pass + plan);
    }
  }

  private Map<String, long[]> checkedShapes(Map<String, INDArray> inputs) {
    Map<String, long[]> shapes = new TreeMap<>();
    inputs.forEach(
        (name, array) -> {
          SDVariable v = graph.getVariable(name);
          if (v == null || !v.isPlaceHolder()) {
            throw new IllegalArgumentException(
                "the graph has no input " + name + "; its inputs are " + graph.inputs());
          }
          long[] expected = v.placeholderShape();
          if (expected != null && !fits(array.shape(), expected)) {
            throw new IllegalArgumentException(
                "input "
                    + name
                    + " has shape "
                    + Arrays.toString(array.shape())
                    + "; expected "
                    + Arrays.toString(expected)
                    + " (-1: any)");
          }
          shapes.put(name, array.shape());
        });
    return shapes;
  }

  private static boolean fits(long[] shape, long[] expected) {
    if (shape.length != expected.length) {
      return false;
    }
    for (int i = 0; i < shape.length; i++) {
      if (expected[i] >= 0 && shape[i] != expected[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Frees the memory of all plans; if the engine profiles, prints their times to standard error.
   * Waits for a call that is running. Closing twice does nothing.
   */
  @Override
  public synchronized void close() {
    closed = true;
    dropPlans();
    dropGradientPlans();
    gradientMemory.close();
  }

  private void dropPlans() {
    plans.values().forEach(this::close);
    plans.clear();
  }

  private void dropGradientPlans() {
    gradientPlans.values().forEach(this::close);
    gradientPlans.clear();
  }
}

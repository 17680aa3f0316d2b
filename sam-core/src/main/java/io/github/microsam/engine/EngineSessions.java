package io.github.microsam.engine;

import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.nd4j.autodiff.listeners.At;
import org.nd4j.autodiff.listeners.Listener;
import org.nd4j.autodiff.samediff.InferenceFactory;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.config.ExecutionResult;
import org.nd4j.autodiff.samediff.config.SDValue;
import org.nd4j.autodiff.samediff.internal.InferenceSession;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Makes {@code SameDiff.output} run graphs with their engines, for code that has a graph and knows
 * nothing of engines.
 *
 * <pre>{@code
 * EngineSessions sessions = new EngineSessions();
 * SameDiff.bindInferenceFactory(sessions); // before the graphs are built
 * SamModel model = SamModel.byName("vit_b_lm");
 * sessions.add(model.imageEncoder());
 * Map<String, INDArray> out = model.imageEncoder().graph().output(inputs, "embedding");
 * }</pre>
 *
 * <p>SameDiff keeps a session for each graph and thread from the time when the graph was given its
 * first array, so graphs that were built before have stock sessions in the thread that built them.
 * Calls with listeners, and graphs without an engine here, run as they always did. Arrays that a
 * call returns are the caller's, who should close them. Threads may share it.
 */
public final class EngineSessions implements InferenceFactory {
  private final IdentityHashMap<SameDiff, Engine> engines = new IdentityHashMap<>();

  /** Sessions without engines, so far. */
  public EngineSessions() {}

  /**
   * Runs a graph with its engine from now on.
   *
   * @param engine an engine, which stays the caller's
   */
  public void add(Engine engine) {
    synchronized (engines) {
      engines.put(engine.graph(), engine);
    }
  }

  /**
   * Runs a graph as SameDiff does from now on; to be called before an engine is closed.
   *
   * @param engine an engine that was added
   */
  public void remove(Engine engine) {
    synchronized (engines) {
      engines.remove(engine.graph(), engine);
    }
  }

  private Engine engine(SameDiff graph) {
    synchronized (engines) {
      return engines.get(graph);
    }
  }

  @Override
  public InferenceSession create(SameDiff graph) {
    return new Session(graph);
  }

  private final class Session extends InferenceSession {
    private final SameDiff graph;

    Session(SameDiff graph) {
      super(graph);
      this.graph = graph;
    }

    @Override
    public ExecutionResult output(
        List<String> variables,
        Map<String, INDArray> placeholders,
        Map<String, SDValue> otherPlaceholders,
        MultiDataSet batch,
        Collection<String> requiredActivations,
        List<Listener> listeners,
        At at) {
      Engine engine = engine(graph);
      if (engine == null
          || placeholders == null
          || !isEmpty(otherPlaceholders == null ? null : otherPlaceholders.keySet())
          || !isEmpty(requiredActivations)
          || !isEmpty(listeners)) {
        return super.output(
            variables, placeholders, otherPlaceholders, batch, requiredActivations, listeners, at);
      }
      Map<String, Optional<INDArray>> results = new LinkedHashMap<>();
      engine
          .run(placeholders, variables)
          .forEach((name, array) -> results.put(name, Optional.of(array)));
      return ExecutionResult.builder().outputs(results).build();
    }

    private static boolean isEmpty(Collection<?> c) {
      return c == null || c.isEmpty();
    }
  }
}

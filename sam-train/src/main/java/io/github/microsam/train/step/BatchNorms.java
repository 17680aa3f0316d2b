package io.github.microsam.train.step;

import io.github.microsam.engine.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The batch norms of a network that normalise with the statistics of the batch: their running
 * averages follow these, as PyTorch's do in training.
 */
final class BatchNorms {
  private static final double MOMENTUM = 0.1; // PyTorch's
  private static final String BATCH = "batch_";

  private final Engine engine;
  private final List<String> statistics = new ArrayList<>();

  BatchNorms(Engine engine) {
    this.engine = engine;
    engine.graph().variables().stream()
        .map(v -> v.name())
        .filter(name -> name.endsWith("." + BATCH + "mean") || name.endsWith("." + BATCH + "var"))
        .forEach(statistics::add);
  }

  /** What the forward pass has to give besides. */
  List<String> statistics() {
    return statistics;
  }

  /** Takes the statistics out of a forward pass's results, and closes them. */
  void update(Map<String, INDArray> results) {
    for (String name : statistics) {
      try (INDArray batch = results.remove(name)) {
        int at = name.lastIndexOf(BATCH);
        String running = name.substring(0, at) + "running_" + name.substring(at + BATCH.length());
        INDArray average = engine.graph().getArrForVarName(running);
        average.muli(1 - MOMENTUM).addi(batch.muli(MOMENTUM));
      }
    }
  }
}

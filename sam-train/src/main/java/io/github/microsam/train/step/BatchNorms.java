package io.github.microsam.train.step;

import io.github.microsam.engine.Engine;
import io.github.microsam.model.BatchCounters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The batch norms of a network that normalise with the statistics of the batch: their running
 * averages follow these, and their counters advance, as PyTorch's do in training.
 */
final class BatchNorms {
  private static final double MOMENTUM = 0.1; // PyTorch's
  private static final String BATCH = "batch_";
  private static final String MEAN = "." + BATCH + "mean";
  private static final String VARIANCE = "." + BATCH + "var";

  private final Engine engine;
  private final BatchCounters counters;
  private final List<String> statistics = new ArrayList<>();

  BatchNorms(Engine engine, BatchCounters counters) {
    this.engine = engine;
    this.counters = counters;
    engine.graph().variables().stream()
        .map(v -> v.name())
        .filter(name -> name.endsWith(MEAN) || name.endsWith(VARIANCE))
        .forEach(statistics::add);
  }

  /** What the forward pass has to give besides. */
  List<String> statistics() {
    return statistics;
  }

  /** Takes the statistics out of a forward pass's results, closes them, and counts the pass. */
  void update(Map<String, INDArray> results) {
    for (String name : statistics) {
      try (INDArray batch = results.remove(name)) {
        int at = name.lastIndexOf(BATCH);
        String running = name.substring(0, at) + "running_" + name.substring(at + BATCH.length());
        INDArray average = engine.graph().getArrForVarName(running);
        average.muli(1 - MOMENTUM).addi(batch.muli(MOMENTUM));
      }
      if (name.endsWith(MEAN)) {
        counters.advance(name.substring(0, name.length() - MEAN.length()));
      }
    }
  }
}

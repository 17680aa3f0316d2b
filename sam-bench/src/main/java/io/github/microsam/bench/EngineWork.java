package io.github.microsam.bench;

import io.github.microsam.engine.Engine;
import io.github.microsam.model.SamModel;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A graph with one input and one output. */
final class EngineWork implements Work {
  private final SamModel model;
  private final Engine engine;
  private final Map<String, INDArray> inputs;
  private final String output;

  EngineWork(SamModel model, Engine engine, String input, INDArray array, String output) {
    this.model = model;
    this.engine = engine;
    this.inputs = Map.of(input, array);
    this.output = output;
  }

  @Override
  public float[] run() {
    return sample(engine.run(inputs, List.of(output)), output);
  }

  /** Reads one of the results, and closes all. */
  static float[] sample(Map<String, INDArray> results, String name) {
    INDArray result = results.get(name);
    float[] sample = Work.sample(result.length(), result.data()::getFloat);
    results.values().forEach(INDArray::close);
    return sample;
  }

  @Override
  public void close() {
    engine.close();
    model.close();
  }
}

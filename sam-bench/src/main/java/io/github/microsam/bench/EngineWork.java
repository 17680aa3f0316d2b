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
  public float[][] run() {
    return samples(engine.run(inputs, List.of(output)), output);
  }

  /** Reads some of the results, and closes all. */
  static float[][] samples(Map<String, INDArray> results, String... names) {
    float[][] samples = new float[names.length][];
    for (int i = 0; i < names.length; i++) {
      INDArray result = results.get(names[i]);
      samples[i] = Work.sample(result.length(), result.data()::getFloat);
    }
    results.values().forEach(INDArray::close);
    return samples;
  }

  @Override
  public void close() {
    engine.close();
    model.close();
  }
}

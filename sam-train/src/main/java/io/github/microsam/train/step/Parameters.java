package io.github.microsam.train.step;

import io.github.microsam.engine.Engine;
import io.github.microsam.model.SamModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The weights of a model by key, as its graphs hold them: arrays that an optimizer may change. */
public final class Parameters {
  private static final String MEAN = "running_mean";
  private static final String VARIANCE = "running_var";

  private Parameters() {}

  /**
   * All weights that can be trained.
   *
   * @param model whose graphs
   * @return arrays by key, in the order of the graphs
   */
  public static Map<String, INDArray> of(SamModel model) {
    Map<String, INDArray> all = new LinkedHashMap<>();
    engines(model).forEach(engine -> all.putAll(of(engine)));
    return all;
  }

  /** Those of one network. */
  static Map<String, INDArray> of(Engine engine) {
    Map<String, INDArray> all = new LinkedHashMap<>();
    for (SDVariable v : engine.graph().variables()) {
      if (v.getVariableType() == VariableType.VARIABLE) {
        all.put(v.name(), engine.graph().getArrForVarName(v.name()));
      }
    }
    return all;
  }

  /**
   * The running averages of the statistics of batches.
   *
   * @param model whose graphs
   * @return arrays by key; empty if the model has no batch norms
   */
  public static Map<String, INDArray> runningStatistics(SamModel model) {
    Map<String, INDArray> all = new LinkedHashMap<>();
    for (Engine engine : engines(model)) {
      for (SDVariable v : engine.graph().variables()) {
        if (v.name().endsWith(MEAN) || v.name().endsWith(VARIANCE)) {
          all.put(v.name(), engine.graph().getArrForVarName(v.name()));
        }
      }
    }
    return all;
  }

  private static List<Engine> engines(SamModel model) {
    List<Engine> engines =
        new ArrayList<>(List.of(model.imageEncoder(), model.promptEncoder(), model.maskDecoder()));
    model.unetr().ifPresent(engines::add);
    return engines;
  }
}

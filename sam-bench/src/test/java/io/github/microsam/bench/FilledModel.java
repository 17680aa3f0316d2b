package io.github.microsam.bench;

import io.github.microsam.engine.Engine;
import io.github.microsam.golden.Fill;
import io.github.microsam.model.SamModel;
import io.github.microsam.weights.SamConfig;
import java.util.stream.Stream;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A model whose weights are the formula's: unlike those for training from scratch, none are zero,
 * so that no part of a network goes unnoticed.
 */
final class FilledModel {
  private FilledModel() {}

  static SamModel open(SamConfig config) {
    SamModel model = SamModel.random(config, 1);
    Stream.concat(
            Stream.of(model.imageEncoder(), model.promptEncoder(), model.maskDecoder()),
            model.unetr().stream())
        .map(Engine::graph)
        .flatMap(graph -> graph.variables().stream())
        .filter(FilledModel::isWeight)
        .forEach(
            v ->
                v.getArr().assign(Nd4j.create(Fill.weights(v.name(), v.getShape()), v.getShape())));
    return model;
  }

  private static boolean isWeight(SDVariable v) {
    return v.getVariableType() == VariableType.VARIABLE
        || v.name().endsWith("running_mean")
        || v.name().endsWith("running_var")
        || v.name().endsWith("gaussian_matrix");
  }
}

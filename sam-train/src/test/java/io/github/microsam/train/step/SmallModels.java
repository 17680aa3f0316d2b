package io.github.microsam.train.step;

import io.github.microsam.golden.FillTensor;
import io.github.microsam.model.SamModel;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.SamWeights;
import io.github.microsam.weights.Tensor;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The model of the fixtures. */
final class SmallModels {
  static final SamConfig CONFIG =
      new SamConfig(
          new VitConfig(256, 16, 48, 4, 4, 192, 7, List.of(1, 3), 32),
          new MaskDecoderConfig(3, 2, 8, 64, 3, 32, 16),
          Optional.of(new UnetrConfig(4, 4, false, 3)));

  private SmallModels() {}

  static SamModel open() {
    Map<String, Tensor> tensors = FillTensor.model("small");
    tensors.putAll(FillTensor.model("unetr_f4"));
    return SamModel.of(SamWeights.of(tensors, CONFIG));
  }
}

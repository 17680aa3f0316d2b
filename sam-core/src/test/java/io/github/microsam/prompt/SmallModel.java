package io.github.microsam.prompt;

import io.github.microsam.golden.Fill;
import io.github.microsam.image.ImagePreparation;
import io.github.microsam.image.ImageSource;
import io.github.microsam.image.PreparedImage;
import io.github.microsam.model.ImageEncoder;
import io.github.microsam.model.MaskDecoder;
import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.PromptEncoder;
import io.github.microsam.model.SamModel;
import io.github.microsam.model.WeightSource;
import io.github.microsam.weights.DType;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.SamWeights;
import io.github.microsam.weights.Tensor;
import io.github.microsam.weights.VitConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.view.Views;
import org.nd4j.linalg.factory.Nd4j;

/** The model and the images of the fixtures. */
public final class SmallModel {
  public static final SamConfig CONFIG =
      new SamConfig(
          new VitConfig(256, 16, 48, 4, 4, 192, 7, List.of(1, 3), 32),
          new MaskDecoderConfig(3, 2, 8, 64, 3, 32, 16),
          Optional.empty());

  private SmallModel() {}

  public static SamModel open() {
    return open(ModelOptions.defaults());
  }

  public static SamModel open(ModelOptions options) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    WeightSource fill =
        (key, init, type, shape) -> {
          float[] values = Fill.weights(key, shape);
          ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
          bytes.asFloatBuffer().put(values);
          tensors.put(key, Tensor.of(key, DType.F32, shape, bytes));
          return Nd4j.create(values, shape);
        };
    ImageEncoder.build(CONFIG.encoder(), fill);
    PromptEncoder.build(CONFIG.encoder(), CONFIG.maskDecoder(), fill);
    MaskDecoder.build(CONFIG.encoder(), CONFIG.maskDecoder(), fill);
    return SamModel.of(SamWeights.of(tensors, CONFIG), options);
  }

  /** A synthetic image as Segment Anything itself prepares it. */
  public static PreparedImage image(int width, int height) {
    ImageSource source =
        ImageSource.of(
            Views.moveAxis(
                ArrayImgs.unsignedBytes(Fill.image(height, width), 3, width, height), 0, 2));
    return ImagePreparation.eightBit(256).prepare(source);
  }
}

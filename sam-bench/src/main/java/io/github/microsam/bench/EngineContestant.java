package io.github.microsam.bench;

import io.github.microsam.engine.Engine;
import io.github.microsam.engine.EngineOptions;
import io.github.microsam.engine.KernelProvider;
import io.github.microsam.engine.KernelProviders;
import io.github.microsam.engine.Precision;
import io.github.microsam.engine.onednn.OneDnnProvider;
import io.github.microsam.image.ImageSource;
import io.github.microsam.model.ImageEncoder;
import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import io.github.microsam.model.UnetrDecoder;
import io.github.microsam.prompt.ImageEmbedding;
import io.github.microsam.prompt.Prediction;
import io.github.microsam.prompt.SamPredictor;
import io.github.microsam.weights.SamConfig;
import java.util.List;
import java.util.Map;
import net.imglib2.RandomAccess;
import net.imglib2.type.numeric.real.FloatType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Our engine, with stock operations or with fused kernels. */
final class EngineContestant implements Contestant {
  private final List<KernelProvider> providers;
  private final Precision precision;

  private EngineContestant(List<KernelProvider> providers, Precision precision) {
    this.providers = providers;
    this.precision = precision;
  }

  /** With stock operations, on whatever ND4J's backend computes on. */
  static EngineContestant stock() {
    return new EngineContestant(List.of(), Precision.FLOAT32);
  }

  /**
   * With the fused kernels; they are asked for by name, so whatever the environment says of them.
   */
  static EngineContestant fused(Precision precision) {
    try {
      return new EngineContestant(List.of(new OneDnnProvider().in(precision)), precision);
    } catch (LinkageError e) {
      throw new IllegalStateException("oneDNN is not there", e);
    }
  }

  private Engine engine(Engine like) {
    return new Engine(like.graph(), like.regions(), providers, EngineOptions.defaults());
  }

  @Override
  public Work imageEncoder(SamConfig config) {
    int size = config.encoder().imageSize();
    SamModel model = SamModel.random(config, SEED);
    INDArray image = Nd4j.create(Inputs.normal(3 * size * size), 1, 3, size, size);
    return new EngineWork(
        model, engine(model.imageEncoder()), ImageEncoder.IMAGE, image, ImageEncoder.EMBEDDING);
  }

  @Override
  public Work unetr(SamConfig config) {
    SamModel model = SamModel.random(config, SEED);
    return new EngineWork(
        model,
        engine(model.unetr().orElseThrow()),
        UnetrDecoder.EMBEDDING,
        embedding(config),
        UnetrDecoder.MAPS);
  }

  private static INDArray embedding(SamConfig config) {
    int side = config.encoder().embeddingSize();
    int channels = config.encoder().outChannels();
    return Nd4j.create(Inputs.normal(channels * side * side), 1, channels, side, side);
  }

  @Override
  public Work promptDecoder(SamConfig config, int prompts) {
    SamModel model = SamModel.random(config, SEED);
    Engine encoder = engine(model.promptEncoder());
    Engine decoder = engine(model.maskDecoder());
    int size = config.encoder().imageSize();
    INDArray embedding = embedding(config);
    Map<String, INDArray> once = encoder.run(Map.of(), List.of("dense_pe", "no_mask"));
    Map<String, INDArray> points =
        Map.of(
            "points", Nd4j.create(Inputs.points(prompts, size), prompts, 2, 2),
            "labels", Nd4j.create(Inputs.labels(prompts), prompts, 2));
    return new Work() {
      @Override
      public float[][] run() {
        try (INDArray sparse = encoder.run(points, List.of("sparse")).get("sparse")) {
          Map<String, INDArray> inputs =
              Map.of(
                  "embedding",
                  embedding,
                  "dense_pe",
                  once.get("dense_pe"),
                  "dense",
                  once.get("no_mask"),
                  "sparse",
                  sparse);
          return EngineWork.samples(decoder.run(inputs, List.of("masks", "iou")), "masks", "iou");
        }
      }

      @Override
      public void close() {
        encoder.close();
        decoder.close();
        model.close();
      }
    };
  }

  /**
   * Through the API; it finds its kernels by itself, so the choice is a property of the process.
   */
  @Override
  public Work predict(SamConfig config) {
    boolean fused = !providers.isEmpty();
    System.setProperty("microsam.kernels", fused ? "auto" : "nd4j");
    if (KernelProviders.available().isEmpty() == fused) {
      throw new IllegalStateException("this process has loaded other kernels than are measured");
    }
    ModelOptions options = ModelOptions.defaults().withPrecision(precision);
    SamModel model = SamModel.random(config, options, SEED);
    SamPredictor predictor = new SamPredictor(model);
    ImageSource image = Cells.image();
    return new Work() {
      @Override
      public float[][] run() {
        ImageEmbedding embedding = predictor.embed(image);
        Prediction prediction = predictor.predict(embedding, Cells.box());
        RandomAccess<FloatType> logits = prediction.logits().randomAccess();
        float[] mask =
            Work.sample(
                (long) Cells.SIDE * Cells.SIDE,
                i -> logits.setPositionAndGet(i % Cells.SIDE, i / Cells.SIDE).get());
        return new float[][] {mask, {prediction.iouPrediction()}};
      }

      @Override
      public void close() {
        model.close();
      }
    };
  }
}

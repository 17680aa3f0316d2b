package io.github.microsam.train.step;

import io.github.microsam.model.SamModel;
import io.github.microsam.model.UnetrDecoder;
import io.github.microsam.train.array.NativeFloats;
import io.github.microsam.train.data.Sample;
import io.github.microsam.train.loss.MapLoss;
import io.github.microsam.train.loss.MapShape;
import io.github.microsam.train.optim.Gradients;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Training of the maps for automatic segmentation (torch-em's training of a UNETR). */
final class AutomaticStep {
  private final NetworkPass decoder;
  private final MapLoss loss;
  private final int imageSize;
  private final int mapSide;
  private final int channels;

  /**
   * A step.
   *
   * @param model whose decoder is used
   * @param trained keys of all trained weights
   * @param loss of the maps
   * @throws IllegalArgumentException if the model has no decoder for automatic segmentation
   */
  AutomaticStep(SamModel model, Set<String> trained, MapLoss loss) {
    this.loss = loss;
    decoder =
        new NetworkPass(
            model
                .unetr()
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "this model has no decoder for automatic segmentation; train it"
                                + " interactively, or start from a model that has one")),
            List.of(UnetrDecoder.MAPS),
            trained,
            List.of(""),
            model.batchCounters());
    imageSize = model.config().encoder().imageSize();
    channels = model.config().unetr().orElseThrow().outChannels();
    mapSide =
        model.config().encoder().embeddingSize()
            << model.config().unetr().orElseThrow().upsamplings();
  }

  /**
   * Trains on a batch: adds to the gradients of the decoder, and to that of the embeddings.
   *
   * @param batch images
   * @param embeddings of the images
   * @param sums takes gradients
   * @return the loss
   */
  double train(ImageBatch batch, Embeddings embeddings, Gradients sums) {
    List<String> wanted = embeddings.gradientWanted() ? List.of(UnetrDecoder.EMBEDDING) : List.of();
    Map<String, INDArray> inputs = Map.of(UnetrDecoder.EMBEDDING, embeddings.all());
    try (INDArray maps = decoder.forward(inputs, wanted).get(UnetrDecoder.MAPS)) {
      double value = evaluate(batch, maps);
      INDArray gradient =
          decoder.backward(Map.of(UnetrDecoder.MAPS, maps), sums).get(UnetrDecoder.EMBEDDING);
      if (gradient != null) {
        embeddings.addAll(gradient);
      }
      return value;
    }
  }

  /**
   * The loss of a batch.
   *
   * @param batch images
   * @param embeddings of the images
   * @return the loss
   */
  double validate(ImageBatch batch, Embeddings embeddings) {
    Map<String, INDArray> inputs = Map.of(UnetrDecoder.EMBEDDING, embeddings.all());
    try (INDArray maps = decoder.infer(inputs).get(UnetrDecoder.MAPS)) {
      return evaluate(batch, maps);
    }
  }

  /**
   * Memory for the decoder's intermediate results.
   *
   * @param embedding of the batch's shape
   * @param embeddingWanted whether the gradient with respect to the embedding is wanted
   * @param taken whether it is taken for the steps that come, or only told
   * @return bytes
   */
  long arenaBytes(INDArray embedding, boolean embeddingWanted, boolean taken) {
    return decoder.arenaBytes(
        Map.of(UnetrDecoder.EMBEDDING, embedding),
        embeddingWanted ? List.of(UnetrDecoder.EMBEDDING) : List.of(),
        taken);
  }

  /**
   * The maps of a batch.
   *
   * @param batch images
   * @param embeddings of the images
   * @return shape [images, channels, height, width] of the samples
   */
  float[] maps(ImageBatch batch, Embeddings embeddings) {
    Map<String, INDArray> inputs = Map.of(UnetrDecoder.EMBEDDING, embeddings.all());
    try (INDArray maps = decoder.infer(inputs).get(UnetrDecoder.MAPS)) {
      return read(maps, batch, new MapResize(mapSide, imageSize, batch.transform));
    }
  }

  private float[] read(INDArray maps, ImageBatch batch, MapResize resize) {
    int pixels = resize.width() * resize.height();
    int count = batch.samples.size() * channels;
    int low = mapSide * mapSide;
    float[] all = new float[Math.multiplyExact(count, pixels)];
    IntStream.range(0, count)
        .parallel()
        .forEach(
            i -> {
              float[] map = new float[low];
              NativeFloats.read(maps, (long) i * low, map, 0, low);
              resize.up(map, 0, new float[resize.scratch()], all, i * pixels);
            });
    return all;
  }

  /** The loss; overwrites the maps with its gradient. */
  private double evaluate(ImageBatch batch, INDArray maps) {
    MapResize resize = new MapResize(mapSide, imageSize, batch.transform);
    int pixels = resize.width() * resize.height();
    int low = mapSide * mapSide;
    MapShape shape = new MapShape(batch.samples.size(), channels, pixels);
    float[] target = targets(batch.samples, pixels);
    float[] prediction = read(maps, batch, resize);
    float[] gradient = new float[shape.length()];
    double value = loss.evaluate(prediction, target, shape, gradient);
    IntStream.range(0, shape.batch() * channels)
        .parallel()
        .forEach(
            i -> {
              float[] map = new float[low];
              resize.down(gradient, i * pixels, new float[resize.scratch()], map, 0);
              NativeFloats.write(map, 0, low, maps, (long) i * low);
            });
    return value;
  }

  private float[] targets(List<Sample> samples, int pixels) {
    int length = samples.get(0).targets().length;
    if (!loss.fits(channels, length / pixels)) {
      throw new IllegalArgumentException(
          "A sample has %d target maps and the model's decoder makes %d, which %s is not for"
              .formatted(length / pixels, channels, loss));
    }
    float[] all = new float[Math.multiplyExact(samples.size(), length)];
    for (int i = 0; i < samples.size(); i++) {
      float[] one = samples.get(i).targets();
      System.arraycopy(one, 0, all, i * one.length, one.length);
    }
    return all;
  }
}

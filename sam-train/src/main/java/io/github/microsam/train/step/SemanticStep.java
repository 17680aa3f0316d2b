package io.github.microsam.train.step;

import io.github.microsam.model.SamModel;
import io.github.microsam.train.array.NativeFloats;
import io.github.microsam.train.data.Sample;
import io.github.microsam.train.loss.MapShape;
import io.github.microsam.train.loss.SemanticLoss;
import io.github.microsam.train.optim.Gradients;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Semantic training (micro_sam/training/semantic_sam_trainer.py): the candidate masks that the mask
 * decoder gives without a prompt are logits of classes.
 */
final class SemanticStep implements AutoCloseable {
  private final PromptedDecoder decoder;
  private final SemanticLoss loss;
  private final int imageSize;
  private final int classes;

  SemanticStep(SamModel model, Set<String> trained, SemanticLoss loss) {
    this.loss = loss;
    decoder = new PromptedDecoder(model, trained);
    imageSize = model.config().encoder().imageSize();
    classes = model.config().maskDecoder().multimaskOutputs();
  }

  double train(ImageBatch batch, Embeddings embeddings, Gradients sums) {
    boolean wanted = embeddings.gradientWanted();
    Map<String, INDArray> out = decoder.unprompted(embeddings.all(), true, wanted);
    out.get("iou").close();
    try (INDArray masks = out.get("masks")) {
      double value = evaluate(batch, masks);
      decoder.backward(Map.of("masks", masks), sums).ifPresent(embeddings::addAll);
      return value;
    }
  }

  double validate(ImageBatch batch, Embeddings embeddings) {
    Map<String, INDArray> out = decoder.unprompted(embeddings.all(), false, false);
    out.get("iou").close();
    try (INDArray masks = out.get("masks")) {
      return evaluate(batch, masks);
    }
  }

  /**
   * The most probable class of each pixel.
   *
   * @return [images, height, width] of the samples
   */
  int[] classes(ImageBatch batch, Embeddings embeddings) {
    Map<String, INDArray> out = decoder.unprompted(embeddings.all(), false, false);
    out.get("iou").close();
    try (INDArray masks = out.get("masks")) {
      MapResize resize = new MapResize(decoder.maskSide(), imageSize, batch.transform);
      MapShape shape =
          new MapShape(batch.samples.size(), classes, resize.width() * resize.height());
      float[] logits = logits(masks, resize, shape);
      int[] most = new int[shape.batch() * shape.pixels()];
      for (int i = 0; i < most.length; i++) {
        int image = i / shape.pixels();
        int k = i % shape.pixels();
        for (int c = 1; c < classes; c++) {
          if (logits[shape.start(image, c) + k] > logits[shape.start(image, most[i]) + k]) {
            most[i] = c;
          }
        }
      }
      return most;
    }
  }

  private float[] logits(INDArray masks, MapResize resize, MapShape shape) {
    int low = decoder.maskSide() * decoder.maskSide();
    float[] logits = new float[shape.length()];
    forEach(
        shape,
        (image, channel) -> {
          float[] map = new float[low];
          NativeFloats.read(masks, place(image, channel) * low, map, 0, low);
          resize.up(map, 0, new float[resize.scratch()], logits, shape.start(image, channel));
        });
    return logits;
  }

  /** Memory for the decoder's intermediate results, in bytes. */
  long arenaBytes(int images, boolean embeddingWanted, boolean taken) {
    return decoder.arenaBytes(images, 0, images, embeddingWanted, taken);
  }

  /** The loss; overwrites the masks with its gradient. */
  private double evaluate(ImageBatch batch, INDArray masks) {
    MapResize resize = new MapResize(decoder.maskSide(), imageSize, batch.transform);
    int pixels = resize.width() * resize.height();
    int low = decoder.maskSide() * decoder.maskSide();
    MapShape shape = new MapShape(batch.samples.size(), classes, pixels);
    float[] logits = logits(masks, resize, shape);
    float[] gradient = new float[shape.length()];
    double value = loss.evaluate(logits, labels(batch.samples, pixels), shape, gradient);
    masks.assign(0);
    forEach(
        shape,
        (image, channel) -> {
          float[] map = new float[low];
          resize.down(gradient, shape.start(image, channel), new float[resize.scratch()], map, 0);
          NativeFloats.write(map, 0, low, masks, place(image, channel) * low);
        });
    return value;
  }

  /** Number of a candidate mask: before those of each image there is the single mask. */
  private long place(int image, int channel) {
    return (long) image * (classes + 1) + 1 + channel;
  }

  private interface MapAction {
    void accept(int image, int channel);
  }

  private static void forEach(MapShape shape, MapAction action) {
    IntStream.range(0, shape.batch() * shape.channels())
        .parallel()
        .forEach(i -> action.accept(i / shape.channels(), i % shape.channels()));
  }

  private static int[] labels(List<Sample> samples, int pixels) {
    int[] all = new int[samples.size() * pixels];
    for (int i = 0; i < samples.size(); i++) {
      System.arraycopy(samples.get(i).labels(), 0, all, i * pixels, pixels);
    }
    return all;
  }

  @Override
  public void close() {
    decoder.close();
  }
}

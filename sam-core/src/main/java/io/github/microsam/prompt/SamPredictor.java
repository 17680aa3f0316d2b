package io.github.microsam.prompt;

import io.github.microsam.image.CoordinateTransform;
import io.github.microsam.image.ImagePreparation;
import io.github.microsam.image.ImageSource;
import io.github.microsam.image.MaskUpscaling;
import io.github.microsam.image.PreparedImage;
import io.github.microsam.model.ImageEncoder;
import io.github.microsam.model.SamModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Segments objects that prompts point out.
 *
 * <pre>{@code
 * try (SamModel model = SamModel.byName("vit_b_lm")) {
 *   SamPredictor predictor = new SamPredictor(model);
 *   ImageEmbedding embedding = predictor.embed(ImageSource.of(image));
 *   Prediction nucleus = predictor.predict(embedding, Prompt.box(100, 60, 150, 110));
 *   RandomAccessibleInterval<NativeBoolType> mask = nucleus.mask();
 * }
 * }</pre>
 *
 * <p>Keeps no image: the embedding is the caller's. Owns nothing that needs closing; its model must
 * stay open. Threads may share it; the networks run one call at a time, with all the threads that
 * they use.
 */
public final class SamPredictor {
  private final SamModel model;
  private final PredictorOptions options;
  private final PromptDecoder decoder;

  /**
   * A predictor with the {@linkplain PredictorOptions#defaults() usual options}.
   *
   * @param model an open model, which stays the caller's
   */
  public SamPredictor(SamModel model) {
    this(model, PredictorOptions.defaults());
  }

  /**
   * A predictor.
   *
   * @param model an open model, which stays the caller's
   * @param options how prompts are run
   */
  public SamPredictor(SamModel model, PredictorOptions options) {
    this.model = model;
    this.options = options;
    decoder = new PromptDecoder(model);
  }

  /**
   * Encodes an image, prepared as micro-sam does ({@link #preparation()}).
   *
   * @param image of any size from one pixel
   * @return its embedding
   * @throws io.github.microsam.image.ImageException if a value of the image is not finite
   */
  public ImageEmbedding embed(ImageSource image) {
    return embed(preparation().prepare(image));
  }

  /**
   * How images are prepared for this model.
   *
   * @return {@link ImagePreparation#minMax}, at the resolution that the model is made for
   */
  public ImagePreparation preparation() {
    ImagePreparation preparation = ImagePreparation.minMax(model.config().encoder().imageSize());
    return model.options().nativeResolution() ? preparation.atNativeResolution() : preparation;
  }

  /**
   * Encodes an image that is prepared already.
   *
   * @param image for this model's input size
   * @return its embedding
   * @throws PromptException if the image was prepared for another input size
   */
  public ImageEmbedding embed(PreparedImage image) {
    return embed(List.of(image)).get(0);
  }

  /**
   * Encodes several images in one run of the encoder, which needs memory for all of them.
   *
   * @param images for this model's input size
   * @return an embedding for each image, in their order
   * @throws PromptException if an image was prepared for another input size
   */
  public List<ImageEmbedding> embed(List<PreparedImage> images) {
    if (images.isEmpty()) {
      return List.of();
    }
    int size = model.config().encoder().imageSize();
    float[] pixels = new float[Math.multiplyExact(images.size(), 3 * size * size)];
    for (int i = 0; i < images.size(); i++) {
      PreparedImage image = images.get(i);
      if (image.imageSize() != size) {
        throw new PromptException(
            "An image prepared for an input of %d pixels; this model's is %d. Prepare it for that."
                .formatted(image.imageSize(), size));
      }
      System.arraycopy(image.pixels(), 0, pixels, i * 3 * size * size, 3 * size * size);
    }
    try (NativeArrays arrays = new NativeArrays()) {
      INDArray input = arrays.of(pixels, images.size(), 3, size, size);
      INDArray out =
          arrays
              .keep(
                  model
                      .imageEncoder()
                      .run(Map.of(ImageEncoder.IMAGE, input), List.of(ImageEncoder.EMBEDDING)))
              .get(ImageEncoder.EMBEDDING);
      return embeddings(images, out);
    }
  }

  private List<ImageEmbedding> embeddings(List<PreparedImage> images, INDArray features) {
    int one = Math.toIntExact(features.length() / images.size());
    List<ImageEmbedding> out = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      out.add(
          new ImageEmbedding(
              NativeArrays.read(features, (long) i * one, one),
              model.config().encoder().outChannels(),
              images.get(i).imageSize(),
              images.get(i).transform(),
              model.encoderFingerprint()));
    }
    return out;
  }

  /**
   * Segments one object.
   *
   * @param embedding of the image, by this model
   * @param prompt where the object is
   * @return its mask, chosen as the options say
   * @throws PromptException if a point lies outside the image, a box has no part in it, a mask is
   *     of another size than the decoder's, or the embedding is another model's
   */
  public Prediction predict(ImageEmbedding embedding, Prompt prompt) {
    return predict(embedding, List.of(prompt)).get(0);
  }

  /**
   * Segments many objects. Prompts with the same numbers of points, boxes and masks run together.
   *
   * @param embedding of the image, by this model
   * @param prompts where the objects are
   * @return a mask for each prompt, in their order, chosen as the options say
   * @throws PromptException as {@link #predict(ImageEmbedding, Prompt)}; then none is segmented
   */
  public List<Prediction> predict(ImageEmbedding embedding, List<Prompt> prompts) {
    return decode(embedding, prompts, this::choice).stream().map(masks -> masks.get(0)).toList();
  }

  /**
   * All candidates for an ambiguous prompt: three in published models, usually from a part of an
   * object to a group of them.
   *
   * @param embedding of the image, by this model
   * @param prompt where the object is
   * @return the candidates, in the decoder's order
   * @throws PromptException as {@link #predict(ImageEmbedding, Prompt)}
   */
  public List<Prediction> candidates(ImageEmbedding embedding, Prompt prompt) {
    return candidates(embedding, List.of(prompt)).get(0);
  }

  /**
   * All candidates for many ambiguous prompts.
   *
   * @param embedding of the image, by this model
   * @param prompts where the objects are
   * @return the candidates for each prompt, in their order
   * @throws PromptException as {@link #predict(ImageEmbedding, Prompt)}; then none is segmented
   */
  public List<List<Prediction>> candidates(ImageEmbedding embedding, List<Prompt> prompts) {
    return decode(
        embedding,
        prompts,
        (prompt, iou) -> {
          int[] all = new int[iou.length - 1];
          Arrays.setAll(all, i -> i + 1);
          return all;
        });
  }

  /** Which of a prompt's masks are taken. */
  private interface Selection {
    int[] of(Prompt prompt, float[] iou);
  }

  private int[] choice(Prompt prompt, float[] iou) {
    boolean single =
        switch (options.choice()) {
          case SINGLE -> true;
          case BEST -> false;
          case AUTOMATIC -> !prompt.isAmbiguous();
        };
    int best = 1;
    for (int i = 2; i < iou.length; i++) {
      best = iou[i] > iou[best] ? i : best;
    }
    return new int[] {single ? 0 : best};
  }

  private List<List<Prediction>> decode(
      ImageEmbedding embedding, List<Prompt> prompts, Selection selection) {
    check(embedding);
    prompts.forEach(prompt -> check(prompt, embedding.transform()));
    Map<PromptLayout, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < prompts.size(); i++) {
      groups.computeIfAbsent(PromptLayout.of(prompts.get(i)), k -> new ArrayList<>()).add(i);
    }
    CoordinateTransform sizes = embedding.transform();
    MaskUpscaling upscaling = new MaskUpscaling(decoder.maskSide(), embedding.imageSize(), sizes);
    List<List<Prediction>> results = new ArrayList<>();
    prompts.forEach(prompt -> results.add(new ArrayList<>()));
    for (List<Integer> group : groups.values()) {
      for (List<Integer> chunk : chunks(group)) {
        decoder.run(
            embedding,
            chunk.stream().map(prompts::get).toList(),
            (i, iou, mask) -> {
              int prompt = chunk.get(i);
              for (int m : selection.of(prompts.get(prompt), iou)) {
                results
                    .get(prompt)
                    .add(
                        new Prediction(
                            iou[m],
                            mask.read(m),
                            upscaling,
                            sizes.originalWidth(),
                            sizes.originalHeight()));
              }
            });
      }
    }
    return results;
  }

  /** Parts as long as memory allows, then shorter ones whose lengths are powers of two. */
  private List<List<Integer>> chunks(List<Integer> group) {
    List<List<Integer>> out = new ArrayList<>();
    int size = decoder.chunk(options.memoryBytes());
    for (int start = 0; start < group.size(); ) {
      size = Math.min(size, Integer.highestOneBit(group.size() - start));
      out.add(group.subList(start, start + size));
      start += size;
    }
    return out;
  }

  private void check(ImageEmbedding embedding) {
    if (!embedding.fingerprint().equals(model.encoderFingerprint())) {
      throw new PromptException(
          "The embedding was made by another model (%s; this one is %s). Embed the image with this predictor."
              .formatted(
                  abbreviated(embedding.fingerprint()), abbreviated(model.encoderFingerprint())));
    }
  }

  private static String abbreviated(String fingerprint) {
    return fingerprint.substring(0, Math.min(12, fingerprint.length()));
  }

  private void check(Prompt prompt, CoordinateTransform sizes) {
    int width = sizes.originalWidth();
    int height = sizes.originalHeight();
    for (Prompt.Point p : prompt.points()) {
      if (p.x() < 0 || p.y() < 0 || p.x() > width || p.y() > height) {
        throw new PromptException(
            "The point (%s, %s) lies outside the image of %d x %d pixels; points are (x, y) in pixels of the image."
                .formatted(p.x(), p.y(), width, height));
      }
    }
    prompt
        .box()
        .filter(b -> b.x1() <= 0 || b.y1() <= 0 || b.x0() >= width || b.y0() >= height)
        .ifPresent(
            b -> {
              throw new PromptException(
                  "The box from (%s, %s) to (%s, %s) lies outside the image of %d x %d pixels; boxes are (x0, y0, x1, y1) in pixels of the image."
                      .formatted(b.x0(), b.y0(), b.x1(), b.y1(), width, height));
            });
    prompt
        .mask()
        .filter(mask -> mask.side() != decoder.maskSide())
        .ifPresent(
            mask -> {
              throw new PromptException(
                  "A mask prompt of %1$d x %1$d logits; this model takes %2$d x %2$d, as its predictions have. For a mask of the image use Prompt.fromMask."
                      .formatted(mask.side(), decoder.maskSide()));
            });
  }
}

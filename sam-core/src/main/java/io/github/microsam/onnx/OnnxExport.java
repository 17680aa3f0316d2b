package io.github.microsam.onnx;

import io.github.microsam.engine.Engine;
import io.github.microsam.model.ImageEncoder;
import io.github.microsam.model.SamModel;
import io.github.microsam.model.UnetrDecoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Writes the networks of a model as ONNX files, opset 17, in single precision.
 *
 * <pre>{@code
 * try (SamModel model = SamModel.byName("vit_b_lm")) {
 *   OnnxExport.of(model).write(Path.of("vit_b_lm"));
 * }
 * }</pre>
 *
 * <p>C are the channels of the embedding, E its side and S that of the encoder's input; 256, 64 and
 * 1024 in published models. Inputs and outputs that Segment Anything's own export has are called as
 * they are there.
 *
 * <p>Files appear when they are whole. Weights beyond 2 GB, which a file of this format cannot
 * hold, go into a second one, named like the first with {@code .data} after it; the two belong into
 * one folder.
 *
 * <p>Threads may share an export; its model must stay open.
 */
public final class OnnxExport {
  /** File name of {@link #writeImageEncoder}. */
  public static final String IMAGE_ENCODER = "image_encoder.onnx";

  /** File name of {@link #writePromptDecoder}. */
  public static final String PROMPT_DECODER = "prompt_decoder.onnx";

  /** File name of {@link #writeUnetr}. */
  public static final String UNETR = "unetr_decoder.onnx";

  /** Some bytes less than 2 GB, for what a file holds beside weights. */
  private static final long EMBEDDED_LIMIT = 1_900_000_000;

  private static final String EMBEDDINGS = "image_embeddings";

  private final SamModel model;
  private final long embeddedLimit;

  private OnnxExport(SamModel model, long embeddedLimit) {
    this.model = model;
    this.embeddedLimit = embeddedLimit;
  }

  /**
   * The export of a model.
   *
   * @param model an open model, which stays the caller's
   * @return the export
   */
  public static OnnxExport of(SamModel model) {
    return new OnnxExport(model, EMBEDDED_LIMIT);
  }

  /** An export that puts weights of more than so many bytes into a second file. */
  static OnnxExport of(SamModel model, long embeddedLimit) {
    return new OnnxExport(model, embeddedLimit);
  }

  /**
   * Writes all networks of the model under their usual names.
   *
   * @param folder where; made if it is missing
   * @return the files that were written
   * @throws java.io.UncheckedIOException if a file cannot be written
   */
  public List<Path> write(Path folder) {
    List<Path> files = new ArrayList<>();
    files.addAll(writeImageEncoder(folder.resolve(IMAGE_ENCODER)));
    files.addAll(writePromptDecoder(folder.resolve(PROMPT_DECODER)));
    if (model.unetr().isPresent()) {
      files.addAll(writeUnetr(folder.resolve(UNETR)));
    }
    return files;
  }

  /**
   * Writes the image encoder: {@code image [1, 3, S, S]}, normalised and padded, to {@code
   * image_embeddings [1, C, E, E]}.
   *
   * @param file where
   * @return the files that were written
   * @throws java.io.UncheckedIOException if a file cannot be written
   */
  public List<Path> writeImageEncoder(Path file) {
    long size = model.config().encoder().imageSize();
    OnnxGraph graph = new OnnxGraph();
    String image = graph.input("image", DataType.FLOAT, 1, 3, size, size);
    GraphTranslation t =
        translation(
            model.imageEncoder(),
            graph,
            "encoder.",
            Map.of(ImageEncoder.IMAGE, new long[] {1, 3, size, size}),
            Map.of(ImageEncoder.IMAGE, image),
            List.of(ImageEncoder.EMBEDDING));
    graph.alias(t.value(ImageEncoder.EMBEDDING), EMBEDDINGS);
    graph.output(EMBEDDINGS, DataType.FLOAT, 1, channels(), side(), side());
    return file(graph, "image_encoder").write(file);
  }

  /**
   * Writes prompt encoder and mask decoder as one network, for any number N of prompts with P
   * points each:
   *
   * <ul>
   *   <li>{@code image_embeddings [1, C, E, E]}
   *   <li>{@code point_coords [N, P, 2]}: x and y in pixels of the encoder's input
   *   <li>{@code point_labels [N, P]}: 1 in the object, 0 outside, 2 and 3 the corners of a box, -1
   *       padding, of which a prompt without a box has one
   *   <li>{@code mask_input [1 or N, 1, 4E, 4E]} and {@code has_mask_input [1]}: logits of a mask
   *       prompt, and 1 or 0 for whether there is one
   *   <li>outputs {@code low_res_masks [N, M + 1, 4E, 4E]}, logits, and {@code iou_predictions [N,
   *       M + 1]}: the single mask first, then the M candidates
   * </ul>
   *
   * @param file where
   * @return the files that were written
   * @throws java.io.UncheckedIOException if a file cannot be written
   */
  public List<Path> writePromptDecoder(Path file) {
    OnnxGraph graph = new OnnxGraph();
    long e = side();
    String image = graph.input(EMBEDDINGS, DataType.FLOAT, 1, channels(), e, e);
    GraphTranslation prompts = addPromptEncoder(graph);
    String dense = denseOrNone(graph, prompts);
    long masks = model.config().maskDecoder().multimaskOutputs() + 1L;
    Map<String, String> inputs =
        Map.of(
            "embedding",
            image,
            "dense",
            dense,
            "dense_pe",
            prompts.value("dense_pe"),
            "sparse",
            prompts.value("sparse"));
    Map<String, long[]> shapes =
        Map.of(
            "embedding", new long[] {1, channels(), e, e},
            "dense", new long[] {1, channels(), e, e},
            "dense_pe", new long[] {1, channels(), e, e},
            "sparse", new long[] {2, 3, channels()});
    GraphTranslation t =
        translation(
            model.maskDecoder(), graph, "decoder.", shapes, inputs, List.of("masks", "iou"));
    graph.alias(t.value("masks"), "low_res_masks");
    graph.alias(t.value("iou"), "iou_predictions");
    graph.output("low_res_masks", DataType.FLOAT, "N", masks, 4 * e, 4 * e);
    graph.output("iou_predictions", DataType.FLOAT, "N", masks);
    return file(graph, "prompt_decoder").write(file);
  }

  private GraphTranslation addPromptEncoder(OnnxGraph graph) {
    long side = 4 * side();
    Map<String, String> inputs = new HashMap<>();
    inputs.put("points", graph.input("point_coords", DataType.FLOAT, "N", "P", 2));
    inputs.put("labels", graph.input("point_labels", DataType.FLOAT, "N", "P"));
    inputs.put("mask", graph.input("mask_input", DataType.FLOAT, "M", 1, side, side));
    graph.input("has_mask_input", DataType.FLOAT, 1);
    Map<String, long[]> shapes =
        Map.of(
            "points", new long[] {2, 3, 2},
            "labels", new long[] {2, 3},
            "mask", new long[] {1, 1, side, side});
    return translation(
        model.promptEncoder(),
        graph,
        "prompts.",
        shapes,
        inputs,
        List.of("sparse", "dense", "no_mask", "dense_pe"));
  }

  /** As in Segment Anything's own export: one of the two, times 1, and the other, times 0. */
  private static String denseOrNone(OnnxGraph graph, GraphTranslation prompts) {
    String given = "has_mask_input";
    List<String> operands = List.of(prompts.value("dense"), given);
    String dense = graph.add("Mul", "prompts.dense_if_given", operands, List.of());
    String one = graph.scalar(1, DataType.FLOAT);
    String missing = graph.add("Sub", "prompts.no_mask_given", List.of(one, given), List.of());
    operands = List.of(prompts.value("no_mask"), missing);
    String none = graph.add("Mul", "prompts.no_mask_if_none", operands, List.of());
    return graph.add("Add", "prompts.dense_or_none", List.of(dense, none), List.of());
  }

  /**
   * Writes the decoder for automatic segmentation: {@code image_embeddings [1, C, E, E]} to {@code
   * maps [1, 3, S, S]}, as {@link UnetrDecoder#MAPS}.
   *
   * @param file where
   * @return the files that were written
   * @throws IllegalStateException if the model has no such decoder
   * @throws java.io.UncheckedIOException if a file cannot be written
   */
  public List<Path> writeUnetr(Path file) {
    Engine unetr =
        model
            .unetr()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "this model has no decoder for automatic segmentation to be exported"));
    long[] shape = {1, channels(), side(), side()};
    OnnxGraph graph = new OnnxGraph();
    String embeddings = graph.input(EMBEDDINGS, DataType.FLOAT, 1, channels(), side(), side());
    GraphTranslation t =
        translation(
            unetr,
            graph,
            "unetr.",
            Map.of(UnetrDecoder.EMBEDDING, shape),
            Map.of(UnetrDecoder.EMBEDDING, embeddings),
            List.of(UnetrDecoder.MAPS));
    long[] maps = t.shape(UnetrDecoder.MAPS);
    graph.alias(t.value(UnetrDecoder.MAPS), "maps");
    graph.output("maps", DataType.FLOAT, maps[0], maps[1], maps[2], maps[3]);
    return file(graph, "unetr_decoder").write(file);
  }

  private static GraphTranslation translation(
      Engine engine,
      OnnxGraph graph,
      String prefix,
      Map<String, long[]> shapes,
      Map<String, String> inputs,
      List<String> outputs) {
    GraphTranslation t =
        new GraphTranslation(
            engine.graph(),
            engine.regions(),
            engine.shapes(shapes, outputs),
            graph,
            prefix,
            inputs);
    t.add(outputs);
    return t;
  }

  private OnnxFile file(OnnxGraph graph, String name) {
    Map<String, String> metadata = Map.of("microsam.fingerprint", model.fingerprint());
    return new OnnxFile(graph, name, metadata, embeddedLimit);
  }

  private long channels() {
    return model.config().encoder().outChannels();
  }

  private long side() {
    return model.config().encoder().embeddingSize();
  }
}

package io.github.microsam.bench;

import io.github.microsam.engine.EngineOptions;
import io.github.microsam.image.ImagePreparation;
import io.github.microsam.image.ImageSource;
import io.github.microsam.image.MaskUpscaling;
import io.github.microsam.image.PreparedImage;
import io.github.microsam.model.SamModel;
import io.github.microsam.onnx.OnnxExport;
import io.github.microsam.weights.SamConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/**
 * ONNX Runtime on what we export: the same weights, drawn again and written to a file. Our model is
 * closed before anything is measured.
 */
final class OnnxContestant implements Contestant {
  private final int threads = EngineOptions.defaults().threads();

  /** Writes one of the networks. */
  private interface Export {
    void write(OnnxExport export, Path file);
  }

  private OnnxSession session(SamConfig config, Export network) {
    try {
      Path folder = Files.createTempDirectory("microsam-bench");
      try {
        Path file = folder.resolve("network.onnx");
        try (SamModel model = SamModel.random(config, SEED)) {
          network.write(OnnxExport.of(model), file);
        }
        return new OnnxSession(file, threads);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Override
  public Work imageEncoder(SamConfig config) {
    int size = config.encoder().imageSize();
    OnnxSession session =
        session(config, OnnxExport::writeImageEncoder)
            .with("image", Inputs.normal(3 * size * size), 1, 3, size, size);
    return new SessionWork(session, "image_embeddings");
  }

  @Override
  public Work unetr(SamConfig config) {
    return new SessionWork(withEmbedding(session(config, OnnxExport::writeUnetr), config), "maps");
  }

  @Override
  public Work promptDecoder(SamConfig config, int prompts) {
    OnnxSession session =
        withEmbedding(decoder(config), config)
            .with(
                "point_coords", Inputs.points(prompts, config.encoder().imageSize()), prompts, 2, 2)
            .with("point_labels", Inputs.labels(prompts), prompts, 2);
    return new SessionWork(session, "low_res_masks", "iou_predictions");
  }

  private OnnxSession decoder(SamConfig config) {
    int side = 4 * config.encoder().embeddingSize();
    return session(config, OnnxExport::writePromptDecoder)
        .with("mask_input", new float[side * side], 1, 1, side, side)
        .with("has_mask_input", new float[1], 1);
  }

  private static OnnxSession withEmbedding(OnnxSession session, SamConfig config) {
    int side = config.encoder().embeddingSize();
    int channels = config.encoder().outChannels();
    return session.with(
        "image_embeddings", Inputs.normal(channels * side * side), 1, channels, side, side);
  }

  /** The steps of our predictor, with its own preparation and upscaling. */
  @Override
  public Work predict(SamConfig config) {
    OnnxSession encoder = session(config, OnnxExport::writeImageEncoder);
    OnnxSession decoder = decoder(config);
    int size = config.encoder().imageSize();
    int side = config.encoder().embeddingSize();
    int channels = config.encoder().outChannels();
    ImageSource image = Cells.image();
    ImagePreparation preparation = ImagePreparation.minMax(size);
    return new Work() {
      @Override
      public float[][] run() {
        PreparedImage prepared = preparation.prepare(image);
        float[] embedding =
            encoder
                .with("image", prepared.pixels(), 1, 3, size, size)
                .run()
                .get("image_embeddings");
        float scale = (float) size / Cells.SIDE;
        Map<String, float[]> out =
            decoder
                .with("image_embeddings", embedding, 1, channels, side, side)
                .with("point_coords", Cells.corners(scale), 1, 2, 2)
                .with("point_labels", new float[] {2, 3}, 1, 2)
                .run();
        int pixels = 16 * side * side;
        float[] single = Arrays.copyOf(out.get("low_res_masks"), pixels);
        float[] logits = new MaskUpscaling(4 * side, size, prepared.transform()).logits(single);
        return new float[][] {
          Work.sample(logits.length, i -> logits[(int) i]), {out.get("iou_predictions")[0]}
        };
      }

      @Override
      public void close() {
        encoder.close();
        decoder.close();
      }
    };
  }

  /** A session whose inputs do not change, and whose outputs are written where they were before. */
  private static final class SessionWork implements Work {
    private final OnnxSession session;
    private final String[] outputs;

    SessionWork(OnnxSession session, String... outputs) {
      this.session = session.pinOutputs();
      this.outputs = outputs;
    }

    @Override
    public float[][] run() {
      Map<String, FloatBuffer> results = session.runPinned();
      float[][] samples = new float[outputs.length][];
      for (int i = 0; i < outputs.length; i++) {
        FloatBuffer values = results.get(outputs[i]);
        samples[i] = Work.sample(values.capacity(), at -> values.get((int) at));
      }
      return samples;
    }

    @Override
    public void close() {
      session.close();
    }
  }
}

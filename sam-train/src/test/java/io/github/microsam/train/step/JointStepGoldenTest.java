package io.github.microsam.train.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import io.github.microsam.golden.Fill;
import io.github.microsam.golden.Golden;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.Prompt;
import io.github.microsam.train.array.NativeFloats;
import io.github.microsam.train.data.Sample;
import io.github.microsam.train.loss.DistanceLoss;
import io.github.microsam.train.optim.Gradients;
import io.github.microsam.train.optim.Optimizer;
import io.github.microsam.train.optim.UpdateRule;
import io.github.microsam.train.prompts.FirstPrompt;
import io.github.microsam.train.prompts.PromptScheme;
import io.github.microsam.train.prompts.TrueObject;
import io.github.microsam.train.prompts.TrueObjects;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One iteration of joint training against the reference's: the interactive half with its optimizer
 * step, then losses, gradients and statistics of the other half.
 *
 * <p>The changes by the second optimizer step are not compared: the fixture has those of a run in
 * double precision, and the reference's own gradients in single precision, which are in the fixture
 * too, do not give them within its tolerance. A step of Adam follows the rounding of gradients that
 * are nearly zero.
 */
class JointStepGoldenTest {
  private static final int WIDTH = 160;
  private static final int HEIGHT = 128;
  private static final double RATE = 1e-5;
  private final Golden golden = Golden.open("train_step");

  @Test
  void lossesGradientsStepAndStatisticsAreThoseOfTheReference() {
    try (SamModel model = SmallModels.open();
        Gradients sums = new Gradients();
        ImageBatch batch = new ImageBatch(List.of(sample()), 256, false)) {
      Map<String, INDArray> parameters = Parameters.of(model);
      try (Optimizer optimizer = new Optimizer(UpdateRule.AdamW.of(RATE), parameters, key -> 1);
          InteractiveStep interactive =
              new InteractiveStep(
                  model,
                  parameters.keySet(),
                  PromptScheme.defaults().withMaskProbability(1),
                  32,
                  new FixedClicks())) {
        NetworkPass encoder = Embeddings.encoder(model, parameters.keySet());
        samStep(batch, encoder, interactive, sums);
        check("grad_sam_step__", parameters, sums.sums());
        checkStep("delta_sam_step__", parameters, sums, optimizer);

        sums.clear();
        AutomaticStep automatic =
            new AutomaticStep(model, parameters.keySet(), DistanceLoss.defaults());
        try (Embeddings embeddings = Embeddings.inTraining(encoder, batch, Map.of())) {
          golden.assertMatches(
              "unetr_loss",
              new long[0],
              new float[] {(float) automatic.train(batch, embeddings, sums)});
          embeddings.backward(sums);
        }
        check("grad_unetr_step__", parameters, sums.sums());
      }
      Map<String, INDArray> statistics = Parameters.runningStatistics(model);
      for (String key : List.of("deconv1.block.2.running_mean", "deconv4.block.2.running_var")) {
        INDArray array = statistics.get(key);
        golden.assertMatches("bn__" + key, array.shape(), NativeFloats.read(array));
      }
    }
  }

  private void samStep(
      ImageBatch batch, NetworkPass encoder, InteractiveStep interactive, Gradients sums) {
    try (Embeddings embeddings = Embeddings.inTraining(encoder, batch, Map.of())) {
      InteractiveLoss loss =
          interactive.run(
              batch,
              embeddings,
              objects(),
              FirstPrompt.POINT,
              golden.scalars().get("n_sub_iteration").getAsInt(),
              new SplittableRandom(1),
              sums);
      embeddings.backward(sums);
      golden.assertMatches("mask_loss", new long[0], new float[] {(float) loss.mask()});
      golden.assertMatches("iou_loss", new long[0], new float[] {(float) loss.iou()});
      golden.assertMatches("loss", new long[0], new float[] {(float) loss.total()});
    }
  }

  private List<ObjectInTraining> objects() {
    TrueObjects all = new TrueObjects(golden.array("labels").ints(), WIDTH, HEIGHT);
    JsonArray points = golden.scalars().getAsJsonArray("first_points_xy");
    List<ObjectInTraining> objects = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      ObjectInTraining object =
          new ObjectInTraining(0, 0.5, all.all().get(i), new SplittableRandom(i));
      assertEquals(i + 1, object.truth.id());
      object.points.add(point(points.get(i).getAsJsonArray().get(0).getAsJsonArray(), true));
      objects.add(object);
    }
    return objects;
  }

  private static Prompt.Point point(JsonArray xy, boolean positive) {
    return new Prompt.Point(xy.get(0).getAsDouble(), xy.get(1).getAsDouble(), positive);
  }

  /** The corrections of the fixture: by sub-iteration and object, a positive and a negative one. */
  private final class FixedClicks implements Correction {
    private final Map<Integer, Integer> calls = new HashMap<>();

    @Override
    public synchronized List<Prompt.Point> points(
        TrueObject object, boolean[] predicted, RandomGenerator random) {
      int round = calls.merge(object.id(), 1, Integer::sum) - 1;
      JsonArray pair =
          golden
              .scalars()
              .getAsJsonArray("next_points_xy_pos_neg")
              .get(round)
              .getAsJsonArray()
              .get(object.id() - 1)
              .getAsJsonArray();
      return List.of(
          point(pair.get(0).getAsJsonArray(), true), point(pair.get(1).getAsJsonArray(), false));
    }
  }

  private Sample sample() {
    byte[] rgb = Fill.image(HEIGHT, WIDTH);
    float[] image = new float[rgb.length];
    int pixels = WIDTH * HEIGHT;
    for (int i = 0; i < pixels; i++) {
      for (int c = 0; c < 3; c++) {
        image[c * pixels + i] = rgb[3 * i + c] & 0xff;
      }
    }
    return new Sample(
        WIDTH, HEIGHT, image, golden.array("labels").ints(), golden.array("unetr_target").floats());
  }

  private void check(
      String prefix, Map<String, INDArray> parameters, Map<String, INDArray> gradients) {
    int checked = 0;
    for (String name : golden.names()) {
      if (name.startsWith(prefix)) {
        String key = key(name, prefix);
        INDArray gradient = gradients.get(key);
        golden.assertMatches(name, parameters.get(key).shape(), NativeFloats.read(gradient));
        checked++;
      }
    }
    assertTrue(checked > 10, checked + " gradients were compared");
  }

  private void checkStep(
      String prefix, Map<String, INDArray> parameters, Gradients sums, Optimizer optimizer) {
    Map<String, float[]> before = new HashMap<>();
    parameters.forEach((key, array) -> before.put(key, NativeFloats.read(array)));
    optimizer.step(sums.sums(), 1, RATE);
    for (String name : golden.names()) {
      if (name.startsWith(prefix)) {
        String key = key(name, prefix);
        float[] change = NativeFloats.read(parameters.get(key));
        for (int i = 0; i < change.length; i++) {
          change[i] -= before.get(key)[i];
        }
        golden.assertMatches(name, parameters.get(key).shape(), change);
      }
    }
  }

  private static String key(String name, String prefix) {
    return name.substring(prefix.length()).replaceFirst("^(sam|unetr)\\.", "");
  }
}

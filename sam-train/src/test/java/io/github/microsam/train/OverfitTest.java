package io.github.microsam.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.image.ImageSource;
import io.github.microsam.label.LabelOverlap;
import io.github.microsam.label.SegmentationAccuracy;
import io.github.microsam.model.SamModel;
import io.github.microsam.segment.AutomaticSegmentation;
import io.github.microsam.segment.Mode;
import io.github.microsam.train.array.NativeFloats;
import io.github.microsam.train.data.BatchSource;
import io.github.microsam.train.data.DistanceTargets;
import io.github.microsam.train.data.FixedBatches;
import io.github.microsam.train.data.LabelledPlane;
import io.github.microsam.train.data.PatchOptions;
import io.github.microsam.train.data.PlaneSet;
import io.github.microsam.train.data.Sample;
import io.github.microsam.train.data.StableRandom;
import io.github.microsam.train.loss.DistanceLoss;
import io.github.microsam.train.optim.Schedule;
import io.github.microsam.train.optim.UpdateRule;
import io.github.microsam.train.prompts.PromptScheme;
import io.github.microsam.train.step.Parameters;
import io.github.microsam.train.synthetic.SyntheticCells;
import io.github.microsam.train.synthetic.SyntheticKind;
import io.github.microsam.train.synthetic.SyntheticOptions;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.TinyVitConfig;
import io.github.microsam.weights.UnetrConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.imglib2.img.array.ArrayImgs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small models trained from scratch on a few images must segment these. */
class OverfitTest {
  @TempDir private Path folder;

  /** A hybrid of convolutions and attention whose embedding has an eighth of the image's side. */
  private static SamConfig config(int side, int channels, int features) {
    TinyVitConfig encoder =
        new TinyVitConfig(
            side,
            List.of(channels / 2, channels / 2, channels, channels),
            List.of(1, 1, 2, 1),
            List.of(2, 2, 4, 4),
            List.of(4, 4, 4, 4),
            List.of(4, 2, 1, 1),
            channels);
    return new SamConfig(
        encoder,
        new MaskDecoderConfig(3, 2, 4, 2 * channels, 3, channels, 8),
        Optional.of(new UnetrConfig(features, 3, false, 3)));
  }

  private static PlaneSet nuclei(int count, int side) {
    SyntheticOptions options = SyntheticOptions.of(SyntheticKind.NUCLEI).withSize(side, side);
    SyntheticOptions larger =
        options.withObjects(options.objects().withDiameter(side / 4.5, 0.15).withDensity(0.25));
    return new PlaneSet() {
      @Override
      public int size() {
        return count;
      }

      @Override
      public LabelledPlane plane(int index, StableRandom random) {
        return SyntheticCells.generate(larger, 100 + index);
      }
    };
  }

  @Test
  void automaticTrainingSegmentsItsImages() {
    BatchSource images =
        new FixedBatches(nuclei(4, 64), PatchOptions.square(64), new DistanceTargets(25), 4, 4);
    TrainingOptions options = options(Scheme.Automatic.defaults(), 3, 3e-3);
    Path model = train(config(64, 16, 8), options, images, 40, TrainingListener.NONE);
    double accuracy = sa50(model, images);
    assertTrue(accuracy > 0.8, "SA50 is " + accuracy);
  }

  @Tag("long")
  @Test
  void jointTrainingMasksAndSegmentsItsImages() {
    BatchSource images =
        new FixedBatches(nuclei(8, 128), PatchOptions.square(128), new DistanceTargets(25), 2, 8);
    PromptScheme prompts = PromptScheme.defaults().withMaxObjects(8).withSubIterations(4);
    Scheme joint = new Scheme.Joint(prompts, DistanceLoss.defaults(), Scheme.Update.ONE_STEP);
    TrainingOptions options = options(joint, 25, 2e-3).withAverageDecay(0.98);
    List<Double> dice = new ArrayList<>();
    Path model =
        train(
            config(128, 32, 16),
            options,
            images,
            20,
            new TrainingListener() {
              @Override
              public void validated(EpochReport report) {
                dice.add(1 - report.validation().prompts().mask());
              }
            });
    assertTrue(dice.get(dice.size() - 1) > 0.95, dice.toString());
    double accuracy = sa50(model, images);
    assertTrue(accuracy > 0.9, "SA50 is " + accuracy);
  }

  private static TrainingOptions options(Scheme scheme, int epochs, double rate) {
    return TrainingOptions.defaults()
        .withScheme(scheme)
        .withRule(UpdateRule.AdamW.of(rate))
        .withSchedule(new Schedule.WarmupCosine(5, 0.05))
        .withPatience(0)
        .withEpochs(epochs);
  }

  /** Trains with so many rounds over the images in an epoch. */
  private Path train(
      SamConfig config,
      TrainingOptions options,
      BatchSource images,
      int rounds,
      TrainingListener listener) {
    BatchSource repeated =
        new BatchSource() {
          @Override
          public int batches() {
            return rounds * images.batches();
          }

          @Override
          public List<Sample> batch(int epoch, int index) {
            return images.batch(0, index % images.batches());
          }
        };
    Path output = folder.resolve("model.safetensors");
    try (SamModel model = SamModel.random(config, 1);
        Trainer trainer = new Trainer(model, options, repeated, images, output)) {
      trainer.run(listener);
      assertTrue(
          Parameters.of(model).values().stream()
              .allMatch(array -> Float.isFinite(NativeFloats.read(array)[0])));
    }
    return output;
  }

  /** Mean over the images of the accuracy at an IoU of 0.5. */
  private static double sa50(Path file, BatchSource images) {
    try (SamModel model = SamModel.load(file)) {
      AutomaticSegmentation segmentation = AutomaticSegmentation.of(model, Mode.AIS);
      List<Double> accuracies = new ArrayList<>();
      for (int b = 0; b < images.batches(); b++) {
        for (Sample s : images.batch(0, b)) {
          byte[] grey = new byte[s.labels().length];
          for (int i = 0; i < grey.length; i++) {
            grey[i] = (byte) s.image()[i];
          }
          ImageSource image = ImageSource.of(ArrayImgs.unsignedBytes(grey, s.width(), s.height()));
          LabelOverlap overlap =
              LabelOverlap.of(
                  segmentation.segment(image, segmentation.defaults()).labels(),
                  ArrayImgs.unsignedInts(s.labels(), s.width(), s.height()));
          accuracies.add(SegmentationAccuracy.of(overlap, List.of(0.5)).mean());
        }
      }
      return accuracies.stream().mapToDouble(a -> a).average().orElseThrow();
    }
  }
}

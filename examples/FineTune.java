import io.github.microsam.model.SamModel;
import io.github.microsam.train.Scheme;
import io.github.microsam.train.Trainer;
import io.github.microsam.train.TrainingListener;
import io.github.microsam.train.TrainingOptions;
import io.github.microsam.train.data.Augmentation;
import io.github.microsam.train.data.DatasetOptions;
import io.github.microsam.train.data.DistanceTargets;
import io.github.microsam.train.data.FixedBatches;
import io.github.microsam.train.data.ImageLabelDataset;
import io.github.microsam.train.data.PatchBatches;
import io.github.microsam.train.data.PatchOptions;
import io.github.microsam.train.optim.UpdateRule;
import java.nio.file.Path;

/**
 * Trains the included model further, for automatic segmentation of one's own images. Arguments: a
 * folder of images, one of label images with the same names, the file for the new model, and how
 * many batches to train on (1000 by default).
 */
public class FineTune {
  private static final long SEED = 17;
  private static final int BATCHES_AN_EPOCH = 50;

  public static void main(String[] args) {
    int batches = args.length > 3 ? Integer.parseInt(args[3]) : 1000;
    // A fifth of the images is kept back to find out when the model is at its best.
    ImageLabelDataset.Split data =
        ImageLabelDataset.open(Path.of(args[0]), Path.of(args[1]), DatasetOptions.defaults())
            .split(0.2, SEED);
    PatchOptions patches = PatchOptions.square(256);
    DistanceTargets targets = new DistanceTargets(patches.minSize());
    PatchBatches training =
        new PatchBatches(
            data.training(),
            patches,
            Augmentation.moderate(),
            targets,
            new PatchBatches.Sampling(2, Math.min(batches, BATCHES_AN_EPOCH), SEED));
    FixedBatches validation = new FixedBatches(data.validation(), patches, targets, 2, 24);
    TrainingOptions options =
        TrainingOptions.defaults()
            .withScheme(Scheme.Automatic.defaults())
            .withRule(UpdateRule.AdamW.of(2e-4))
            .withEpochs((batches - 1) / BATCHES_AN_EPOCH + 1)
            .withMaxIterations(batches);
    try (SamModel model = SamModel.byName("nano");
        Trainer trainer = new Trainer(model, options, training, validation, Path.of(args[2]))) {
      trainer.run(
          new TrainingListener() {
            @Override
            public void validated(EpochReport epoch) {
              System.out.printf(
                  "%d batches, validation %.4f%s%n",
                  epoch.iteration(), epoch.metric(), epoch.best() ? ", saved" : "");
            }
          });
    }
  }
}

package io.github.microsam.train.evaluate;

import io.github.microsam.prompt.ImageEmbedding;
import io.github.microsam.prompt.MaskLogits;
import io.github.microsam.prompt.Prediction;
import io.github.microsam.prompt.Prompt;
import io.github.microsam.prompt.SamPredictor;
import java.util.List;
import java.util.Optional;
import net.imglib2.Cursor;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.view.Views;

/** What answers prompts for one image with masks. */
public interface PromptedModel {

  /**
   * An answer to a prompt.
   *
   * @param mask shape [height, width], true inside
   * @param logits what can be handed back as a mask prompt, if the model takes such
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Answer(boolean[] mask, Optional<MaskLogits> logits) {}

  /**
   * Segments objects.
   *
   * @param prompts one an object
   * @return an answer to each
   */
  List<Answer> answers(List<Prompt> prompts);

  /**
   * A predictor and the embedding of an image.
   *
   * @param predictor whose options choose among candidates
   * @param embedding of the image
   * @return the model
   */
  static PromptedModel of(SamPredictor predictor, ImageEmbedding embedding) {
    return prompts ->
        predictor.predict(embedding, prompts).stream().map(PromptedModel::answer).toList();
  }

  private static Answer answer(Prediction prediction) {
    RandomAccessibleInterval<NativeBoolType> mask = prediction.mask();
    boolean[] pixels = new boolean[Math.toIntExact(mask.size())];
    Cursor<NativeBoolType> cursor = Views.flatIterable(mask).cursor();
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = cursor.next().get();
    }
    return new Answer(pixels, Optional.of(prediction.lowResLogits()));
  }
}

package io.github.microsam.train.step;

import io.github.microsam.image.CoordinateTransform;
import io.github.microsam.image.ImagePreparation;
import io.github.microsam.image.ImagePreparation.Values;
import io.github.microsam.image.ImageSource;
import io.github.microsam.image.PreparedImage;
import io.github.microsam.train.array.NativeFloats;
import io.github.microsam.train.data.Sample;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The images of a batch as a model takes them: resized as floats, normalised, padded. */
final class ImageBatch implements AutoCloseable {
  final List<Sample> samples;
  final CoordinateTransform transform;

  /** {@code [B, 3, S, S]}. */
  final INDArray images;

  /**
   * Prepares a batch.
   *
   * @param samples all of one size
   * @param imageSize side of the model's input
   * @param nativeResolution whether images smaller than that keep their size
   */
  ImageBatch(List<Sample> samples, int imageSize, boolean nativeResolution) {
    Sample first = samples.get(0);
    for (Sample s : samples) {
      if (s.width() != first.width() || s.height() != first.height()) {
        throw new IllegalArgumentException(
            "A batch has samples of %d x %d and of %d x %d pixels; all must be of one size"
                .formatted(first.width(), first.height(), s.width(), s.height()));
      }
    }
    this.samples = samples;
    images = Nd4j.createUninitialized(DataType.FLOAT, samples.size(), 3, imageSize, imageSize);
    ImagePreparation preparation = new ImagePreparation(imageSize, Values.FLOAT, nativeResolution);
    int length = 3 * imageSize * imageSize;
    CoordinateTransform common = null;
    for (int i = 0; i < samples.size(); i++) {
      PreparedImage prepared = preparation.prepare(source(samples.get(i)));
      NativeFloats.write(prepared.pixels(), 0, length, images, (long) i * length);
      common = prepared.transform();
    }
    transform = common;
  }

  private static ImageSource source(Sample sample) {
    return new ImageSource() {
      @Override
      public int width() {
        return sample.width();
      }

      @Override
      public int height() {
        return sample.height();
      }

      @Override
      public int channels() {
        return 3;
      }

      @Override
      public void readRow(int channel, int y, float[] row) {
        int start = (channel * sample.height() + y) * sample.width();
        System.arraycopy(sample.image(), start, row, 0, sample.width());
      }
    };
  }

  @Override
  public void close() {
    images.close();
  }
}

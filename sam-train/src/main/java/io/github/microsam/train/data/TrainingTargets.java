package io.github.microsam.train.data;

/** What a decoder for automatic segmentation learns, computed from labels. Stateless. */
public interface TrainingTargets {

  /** No targets: for training that has prompts only. */
  TrainingTargets NONE =
      new TrainingTargets() {
        @Override
        public int channels() {
          return 0;
        }

        @Override
        public float[] of(int[] labels, int width, int height) {
          return new float[0];
        }
      };

  /**
   * How many channels there are.
   *
   * @return 0 or more
   */
  int channels();

  /**
   * Computes targets.
   *
   * @param labels shape [height, width]: ids of objects, 0 for background
   * @param width in pixels
   * @param height in pixels
   * @return shape [channels, height, width]
   */
  float[] of(int[] labels, int width, int height);

  /**
   * Which targets these are, by which a resumed training knows that they are the same.
   *
   * @return a record as it writes itself, or the name of another class
   */
  default String description() {
    return channels() == 0 ? "none" : this instanceof Record ? toString() : getClass().getName();
  }

  /**
   * A sample with its targets.
   *
   * @param sample whose labels are used
   * @return a new sample that shares the image and labels
   */
  default Sample addTo(Sample sample) {
    return new Sample(
        sample.width(),
        sample.height(),
        sample.image(),
        sample.labels(),
        of(sample.labels(), sample.width(), sample.height()));
  }
}

package io.github.microsam.train.config;

/**
 * How patches become batches. Immutable.
 *
 * @param batchSize patches in a batch
 * @param batches batches in an epoch
 * @param validationPatches patches that the model is judged by after each epoch, at most
 * @param threads how many make batches ahead
 * @param ahead how many batches wait
 */
public record LoadingConfig(
    int batchSize, int batches, int validationPatches, int threads, int ahead) {

  /**
   * Checks the numbers.
   *
   * @param batchSize at least 1
   * @param batches at least 1
   * @param validationPatches at least 1
   * @param threads at least 1
   * @param ahead at least 1
   * @throws IllegalArgumentException if a number is below 1
   */
  public LoadingConfig {
    if (batchSize < 1 || batches < 1 || validationPatches < 1 || threads < 1 || ahead < 1) {
      throw new IllegalArgumentException(
          "batchSize %d, batches %d, validationPatches %d, threads %d, ahead %d; expected 1 or more"
              .formatted(batchSize, batches, validationPatches, threads, ahead));
    }
  }

  /**
   * 100 batches of one patch an epoch, 20 patches for validation, made by one thread.
   *
   * @return the defaults
   */
  public static LoadingConfig defaults() {
    return new LoadingConfig(1, 100, 20, 1, 4);
  }
}

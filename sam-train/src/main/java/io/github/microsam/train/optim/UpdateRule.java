package io.github.microsam.train.optim;

/** How an optimizer changes a parameter, as {@code torch.optim} does. Immutable. */
public sealed interface UpdateRule permits UpdateRule.Adam, UpdateRule.AdamW, UpdateRule.Sgd {

  /**
   * The learning rate that a schedule starts from.
   *
   * @return above 0
   */
  double learningRate();

  /**
   * The same rule with another learning rate.
   *
   * @param rate above 0
   * @return a copy
   */
  UpdateRule withLearningRate(double rate);

  /**
   * Arrays of state that each parameter has.
   *
   * @return 0 to 2
   */
  int moments();

  /**
   * Changes part of a parameter.
   *
   * @param part parameters, gradients and state; parameters and state are overwritten
   * @param step which update of this parameter this is, from 1
   * @param rate learning rate of this update
   */
  void update(Part part, long step, double rate);

  /** Part of a parameter, all of {@link #count} elements or more. */
  final class Part {
    final float[] parameters;
    final float[] gradients;
    final float[][] moments;
    int count;

    Part(int capacity, int moments) {
      parameters = new float[capacity];
      gradients = new float[capacity];
      this.moments = new float[moments][capacity];
    }
  }

  /**
   * Adam (Kingma and Ba 2015); weight decay is added to the gradient.
   *
   * @param learningRate above 0
   * @param beta1 decay of the mean of gradients
   * @param beta2 decay of the mean of squared gradients
   * @param epsilon added to the square root of the latter
   * @param weightDecay factor of the parameter in the gradient
   */
  record Adam(double learningRate, double beta1, double beta2, double epsilon, double weightDecay)
      implements UpdateRule {

    /**
     * Adam with PyTorch's other settings and no weight decay.
     *
     * @param learningRate above 0
     * @return the rule
     */
    public static Adam of(double learningRate) {
      return new Adam(learningRate, 0.9, 0.999, 1e-8, 0);
    }

    @Override
    public Adam withLearningRate(double rate) {
      return new Adam(rate, beta1, beta2, epsilon, weightDecay);
    }

    @Override
    public int moments() {
      return 2;
    }

    @Override
    public void update(Part part, long step, double rate) {
      if (weightDecay != 0) {
        float decay = (float) weightDecay;
        for (int i = 0; i < part.count; i++) {
          part.gradients[i] += decay * part.parameters[i];
        }
      }
      adaptive(part, step, rate, beta1, beta2, epsilon);
    }
  }

  /**
   * AdamW (Loshchilov and Hutter 2019): weight decay shrinks the parameter itself.
   *
   * @param learningRate above 0
   * @param beta1 decay of the mean of gradients
   * @param beta2 decay of the mean of squared gradients
   * @param epsilon added to the square root of the latter
   * @param weightDecay share of the parameter that a step takes away, times the learning rate
   */
  record AdamW(double learningRate, double beta1, double beta2, double epsilon, double weightDecay)
      implements UpdateRule {

    /**
     * AdamW with PyTorch's other settings: betas 0.9 and 0.999, epsilon 10⁻⁸, weight decay 0.01.
     *
     * @param learningRate above 0; 10⁻⁵ is micro-sam's
     * @return the rule
     */
    public static AdamW of(double learningRate) {
      return new AdamW(learningRate, 0.9, 0.999, 1e-8, 0.01);
    }

    @Override
    public AdamW withLearningRate(double rate) {
      return new AdamW(rate, beta1, beta2, epsilon, weightDecay);
    }

    @Override
    public int moments() {
      return 2;
    }

    @Override
    public void update(Part part, long step, double rate) {
      float kept = (float) (1 - rate * weightDecay);
      for (int i = 0; i < part.count; i++) {
        part.parameters[i] *= kept;
      }
      adaptive(part, step, rate, beta1, beta2, epsilon);
    }
  }

  /**
   * Gradient descent with momentum; weight decay is added to the gradient.
   *
   * @param learningRate above 0
   * @param momentum share of the last step's direction that is kept
   * @param weightDecay factor of the parameter in the gradient
   */
  record Sgd(double learningRate, double momentum, double weightDecay) implements UpdateRule {

    @Override
    public Sgd withLearningRate(double rate) {
      return new Sgd(rate, momentum, weightDecay);
    }

    @Override
    public int moments() {
      return momentum == 0 ? 0 : 1;
    }

    @Override
    public void update(Part part, long step, double rate) {
      float decay = (float) weightDecay;
      float kept = (float) momentum;
      float r = (float) rate;
      for (int i = 0; i < part.count; i++) {
        float g = part.gradients[i] + decay * part.parameters[i];
        if (momentum != 0) {
          g += kept * part.moments[0][i];
          part.moments[0][i] = g;
        }
        part.parameters[i] -= r * g;
      }
    }
  }

  private static void adaptive(
      Part part, long step, double rate, double beta1, double beta2, double epsilon) {
    float b1 = (float) beta1;
    float b2 = (float) beta2;
    float c1 = (float) (1 - beta1);
    float c2 = (float) (1 - beta2);
    float eps = (float) epsilon;
    float size = (float) (rate / (1 - Math.pow(beta1, (double) step)));
    float root = (float) (1 / Math.sqrt(1 - Math.pow(beta2, (double) step)));
    float[] p = part.parameters;
    float[] g = part.gradients;
    float[] m = part.moments[0];
    float[] v = part.moments[1];
    int n = part.count;
    for (int i = 0; i < n; i++) {
      m[i] = b1 * m[i] + c1 * g[i];
    }
    for (int i = 0; i < n; i++) {
      v[i] = b2 * v[i] + c2 * (g[i] * g[i]);
    }
    for (int i = 0; i < n; i++) {
      p[i] -= size * m[i] / ((float) Math.sqrt(v[i]) * root + eps);
    }
  }
}

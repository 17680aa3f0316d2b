package io.github.microsam.weights;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Merges parameter-efficient layers into the weights that they adapt. The result is computed when a
 * tensor is read, in double precision, one tensor at a time; only the small factors stay in memory.
 */
final class AdapterMerger {
  private final Map<String, Tensor> parameters;
  private final Map<String, Tensor> merged;

  private AdapterMerger(AdapterReading reading) {
    parameters = reading.parameters();
    merged = new LinkedHashMap<>(reading.plain());
  }

  static Map<String, Tensor> merge(AdapterReading reading) {
    Optional<Adapter> adapter = reading.adapter();
    if (adapter.isPresent() && !adapter.get().obstacle().isEmpty()) {
      throw new CheckpointException(
          "The layers cannot be merged into plain weights: " + adapter.get().obstacle());
    }
    AdapterMerger merger = new AdapterMerger(reading);
    merger.parameters.keySet().forEach(merger::apply);
    return merger.merged;
  }

  private void apply(String key) {
    String at = key.substring(0, key.lastIndexOf('.'));
    if (key.endsWith(".scale")) {
      scaleAndShift(at);
      return;
    }
    at = at.substring(0, at.lastIndexOf('.')); // without the name of the linear layer
    String layer = key.substring(at.length() + 1, key.length() - ".weight".length());
    switch (layer) {
      case "w_a_linear_q", "w_a_linear_k", "w_a_linear_v" -> {
        char part = layer.charAt(layer.length() - 1);
        addProduct(at + ".weight", part, at + ".w_b_linear_" + part + ".weight", key);
      }
      case "w_a_linear_1", "w_a_linear_2" -> {
        char n = layer.charAt(layer.length() - 1);
        addProduct(at + ".lin" + n + ".weight", ' ', at + ".w_b_linear_" + n + ".weight", key);
      }
      case "q_FacTs", "v_FacTs" ->
          addProduct(
              at + ".weight", layer.charAt(0), at + ".FacTv.weight", key, at + ".FacTu.weight");
      default -> {} // second factors, which come with the first
    }
  }

  private void scaleAndShift(String at) {
    parameter(at + ".shift");
    Supplier<Matrix> scale = lazily(() -> matrix(at + ".scale"));
    Supplier<Matrix> shift = lazily(() -> matrix(at + ".shift"));
    change(
        at + ".weight",
        (row, elements) -> {
          for (int i = 0; i < elements.length; i++) {
            elements[i] *= scale.get().at(row, 0);
          }
        });
    change(
        at + ".bias",
        (row, elements) ->
            elements[0] = elements[0] * scale.get().at(row, 0) + shift.get().at(row, 0));
  }

  /** Adds the product of factors to the rows of q, k or v, or to all rows. */
  private void addProduct(String weight, char part, String... factors) {
    for (String factor : factors) {
      parameter(factor);
    }
    Supplier<Matrix[]> product =
        lazily(
            () -> {
              Matrix right = matrix(factors[factors.length - 1]);
              for (int i = factors.length - 2; i > 0; i--) {
                right = matrix(factors[i]).times(right);
              }
              return new Matrix[] {matrix(factors[0]), right};
            });
    change(
        weight,
        (row, elements) -> {
          Matrix left = product.get()[0];
          int within = part == ' ' ? row : row - "qkv".indexOf(part) * left.rows;
          if (within >= 0 && within < left.rows) {
            product.get()[1].addTo(elements, left, within);
          }
        });
  }

  private void change(String key, RowwiseTensor.Change change) {
    Tensor base = merged.get(key);
    if (base == null) {
      throw new CheckpointException(
          key + " is missing, though there are parameter-efficient layers for it");
    }
    merged.put(key, new RowwiseTensor(base, change));
  }

  private Tensor parameter(String key) {
    Tensor tensor = parameters.get(key);
    if (tensor == null) {
      throw new CheckpointException(key + " is missing, though its counterpart is there");
    }
    return tensor;
  }

  private Matrix matrix(String key) {
    Tensor tensor = parameter(key);
    long[] shape = tensor.shape();
    ByteBuffer bytes = tensor.read();
    double[] values = new double[Math.toIntExact(tensor.elementCount())];
    for (int i = 0; i < values.length; i++) {
      values[i] = FloatElements.get(bytes, tensor.dtype());
    }
    return new Matrix(
        values, Math.toIntExact(shape[0]), shape.length == 1 ? 1 : Math.toIntExact(shape[1]));
  }

  private static <T> Supplier<T> lazily(Supplier<T> supplier) {
    return new Supplier<>() {
      private T value;

      @Override
      public synchronized T get() {
        if (value == null) {
          value = supplier.get();
        }
        return value;
      }
    };
  }

  /** A matrix in C order. */
  private static final class Matrix {
    private final double[] values;
    private final int rows;
    private final int columns;

    Matrix(double[] values, int rows, int columns) {
      this.values = values;
      this.rows = rows;
      this.columns = columns;
    }

    double at(int row, int column) {
      return values[row * columns + column];
    }

    Matrix times(Matrix right) {
      Matrix product = new Matrix(new double[rows * right.columns], rows, right.columns);
      double[] row = new double[right.columns];
      for (int r = 0; r < rows; r++) {
        Arrays.fill(row, 0);
        right.addTo(row, this, r);
        System.arraycopy(row, 0, product.values, r * right.columns, right.columns);
      }
      return product;
    }

    /** Adds row {@code r} of {@code left} times this. */
    void addTo(double[] sum, Matrix left, int r) {
      for (int k = 0; k < rows; k++) {
        double factor = left.at(r, k);
        for (int c = 0; c < columns; c++) {
          sum[c] += factor * values[k * columns + c];
        }
      }
    }
  }
}

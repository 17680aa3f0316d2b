package io.github.microsam.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A network in ONNX Runtime, with its usual settings: all optimisations, its own threads. Inputs
 * stay in native memory between calls. For one thread at a time.
 */
final class OnnxSession implements AutoCloseable {
  private final OrtSession session;
  private final Map<String, OnnxTensor> inputs = new HashMap<>();

  OnnxSession(Path file, int threads) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      session = OrtEnvironment.getEnvironment().createSession(file.toString(), options);
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime does not take " + file, e);
    }
  }

  /** The version that is on the class path. */
  static String version() {
    return OrtEnvironment.getEnvironment().getVersion();
  }

  /** Sets an input for the calls to come. */
  OnnxSession with(String name, float[] values, long... shape) {
    try {
      FloatBuffer buffer =
          ByteBuffer.allocateDirect(4 * values.length)
              .order(ByteOrder.nativeOrder())
              .asFloatBuffer()
              .put(values)
              .flip();
      OnnxTensor tensor =
          OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), buffer, shape);
      OnnxTensor before = inputs.put(name, tensor);
      if (before != null) {
        before.close();
      }
      return this;
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime does not take " + name, e);
    }
  }

  /** Computes all outputs; by name, in C order. */
  Map<String, float[]> run() {
    try (OrtSession.Result result = session.run(inputs)) {
      Map<String, float[]> outputs = new LinkedHashMap<>();
      result.forEach(
          e -> {
            FloatBuffer values = ((OnnxTensor) e.getValue()).getFloatBuffer();
            float[] copy = new float[values.remaining()];
            values.get(copy);
            outputs.put(e.getKey(), copy);
          });
      return outputs;
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed", e);
    }
  }

  @Override
  public void close() {
    inputs.values().forEach(OnnxTensor::close);
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime's session cannot be closed", e);
    }
  }
}

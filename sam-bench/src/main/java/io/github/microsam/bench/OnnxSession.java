package io.github.microsam.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
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
  private final Map<String, OnnxTensor> pinned = new HashMap<>();
  private final Map<String, FloatBuffer> buffers = new HashMap<>();

  /** Environment variable: without it, ONNX Runtime 1.29 reports to its makers … */
  static final String NO_TELEMETRY = "ORT_DISABLE_TELEMETRY";

  OnnxSession(Path file, int threads) {
    if (!"1".equals(System.getenv(NO_TELEMETRY))) {
      // … and crashes on long command lines while it does (microsoft/onnxruntime#27379).
      throw new IllegalStateException(NO_TELEMETRY + "=1 must be in the environment");
    }
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
      FloatBuffer buffer = buffer(values.length).put(values).flip();
      OnnxTensor tensor = OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), buffer, shape);
      OnnxTensor before = inputs.put(name, tensor);
      if (before != null) {
        before.close();
      }
      return this;
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime does not take " + name, e);
    }
  }

  /**
   * Computes once and keeps the memory of the outputs for {@link #runPinned}: no shapes may change
   * afterwards.
   */
  OnnxSession pinOutputs() {
    try (OrtSession.Result result = session.run(inputs)) {
      for (Map.Entry<String, OnnxValue> e : result) {
        long[] shape = ((OnnxTensor) e.getValue()).getInfo().getShape();
        int length = Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b));
        FloatBuffer buffer = buffer(length);
        buffers.put(e.getKey(), buffer);
        pinned.put(
            e.getKey(), OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), buffer, shape));
      }
      return this;
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed", e);
    }
  }

  /** Computes all outputs, each into the memory where it was before; by name, in C order. */
  Map<String, FloatBuffer> runPinned() {
    try {
      session.run(inputs, pinned).close();
      return buffers;
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed", e);
    }
  }

  private static FloatBuffer buffer(int length) {
    return ByteBuffer.allocateDirect(4 * length).order(ByteOrder.nativeOrder()).asFloatBuffer();
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
    pinned.values().forEach(OnnxTensor::close);
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime's session cannot be closed", e);
    }
  }
}

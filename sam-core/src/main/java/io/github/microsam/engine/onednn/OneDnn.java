package io.github.microsam.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_default_flags;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_stream;

/** oneDNN's CPU engine and a stream on it, which computes in the thread that calls. */
final class OneDnn implements AutoCloseable {
  final dnnl_engine engine = new dnnl_engine();
  final dnnl_stream stream = new dnnl_stream();

  OneDnn() {
    check(dnnl_engine_create(engine, dnnl_cpu, 0), "engine");
    check(dnnl_stream_create(stream, engine, dnnl_stream_default_flags), "stream");
  }

  static void check(int status, String what) {
    if (status != dnnl_success) {
      throw new IllegalStateException("oneDNN refused the " + what + " with status " + status);
    }
  }

  @Override
  public void close() {
    check(dnnl_stream_destroy(stream), "end of the stream");
    check(dnnl_engine_destroy(engine), "end of the engine");
  }
}

package io.github.microsam.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_amx;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_get_effective_cpu_isa;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_default_flags;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

import io.github.microsam.engine.Precision;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_stream;

/** oneDNN's CPU engine and a stream on it, which computes in the thread that calls. */
final class OneDnn implements AutoCloseable {
  /** The bits of an instruction set that say it has AMX with bfloat16. */
  private static final int AMX = dnnl_cpu_isa_avx512_core_amx;

  final dnnl_engine engine = new dnnl_engine();
  final dnnl_stream stream = new dnnl_stream();

  final Precision precision;

  OneDnn(Precision precision) {
    this.precision = precision;
    check(dnnl_engine_create(engine, dnnl_cpu, 0), "engine");
    check(dnnl_stream_create(stream, engine, dnnl_stream_default_flags), "stream");
  }

  /** Whether this processor multiplies bfloat16 faster than single precision. */
  static boolean isFasterInBfloat16() {
    return (dnnl_get_effective_cpu_isa() & AMX) == AMX;
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

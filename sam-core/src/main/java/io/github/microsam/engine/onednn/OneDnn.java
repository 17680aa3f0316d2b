package io.github.microsam.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_amx;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_get_effective_cpu_isa;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_query;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_impl_info_str;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_default_flags;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

import io.github.microsam.engine.Precision;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/** oneDNN's CPU engine and a stream on it, which computes in the thread that calls. */
final class OneDnn implements AutoCloseable {
  /** The bits of an instruction set that say it has AMX with bfloat16. */
  private static final int AMX = dnnl_cpu_isa_avx512_core_amx;

  private static final int AVX512 = dnnl_cpu_isa_avx512_core;

  final dnnl_engine engine = new dnnl_engine();
  final dnnl_stream stream = new dnnl_stream();

  final Precision precision;

  /**
   * How the name begins of what is fastest for convolutions of single pixels; empty if that is
   * oneDNN's own choice. With AVX2 the older of its two implementations is a tenth faster.
   */
  final String pixelwiseConvolution;

  OneDnn(Precision precision) {
    this.precision = precision;
    boolean hasAvx512 = (dnnl_get_effective_cpu_isa() & AVX512) == AVX512;
    pixelwiseConvolution = hasAvx512 ? "" : "jit_1x1:avx2";
    check(dnnl_engine_create(engine, dnnl_cpu, 0), "engine");
    check(dnnl_stream_create(stream, engine, dnnl_stream_default_flags), "stream");
  }

  /** Whether this processor multiplies bfloat16 faster than single precision. */
  static boolean isFasterInBfloat16() {
    return (dnnl_get_effective_cpu_isa() & AMX) == AMX;
  }

  /** The name of the implementation that a description stands for. */
  static String implementation(dnnl_primitive_desc description) {
    try (PointerPointer<BytePointer> name = new PointerPointer<>(1)) {
      check(
          dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, name),
          "name of an implementation");
      return name.get(BytePointer.class, 0).getString();
    }
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

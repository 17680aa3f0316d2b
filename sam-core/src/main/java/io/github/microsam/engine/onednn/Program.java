package io.github.microsam.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_add;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_inference;
import static org.bytedeco.dnnl.global.dnnl.dnnl_layer_normalization_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_matmul_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_create_with_strides;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_eltwise;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_post_ops;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_execute;
import static org.bytedeco.dnnl.global.dnnl.dnnl_softmax_accurate;
import static org.bytedeco.dnnl.global.dnnl.dnnl_softmax_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_wait;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_scale;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_shift;

import io.github.microsam.engine.KernelProvider;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/**
 * Primitives with their memories bound, run one after the other. Calls that differ in addresses
 * only share a primitive.
 */
final class Program implements KernelProvider.Kernel {
  private final OneDnn dnn;
  private final List<Call> calls = new ArrayList<>();
  private final Map<String, dnnl_primitive> primitives = new HashMap<>();
  private final Map<String, dnnl_memory_desc> descriptors = new HashMap<>();
  private final Deque<Runnable> frees = new ArrayDeque<>();

  Program(OneDnn dnn) {
    this.dnn = dnn;
  }

  private record Call(dnnl_primitive primitive, dnnl_exec_arg_t arguments, int count) {}

  private record Argument(int kind, View view) {}

  /**
   * {@code destination = f(source · weights + bias)}; bias may be null. Axes before the last two
   * are batches.
   */
  void product(View source, View weights, View bias, View destination, PostOp... then) {
    List<Argument> arguments = new ArrayList<>();
    arguments.add(new Argument(DNNL_ARG_SRC, source));
    arguments.add(new Argument(DNNL_ARG_WEIGHTS, weights));
    arguments.add(new Argument(DNNL_ARG_DST, destination));
    if (bias != null) {
      arguments.add(new Argument(DNNL_ARG_BIAS, bias));
    }
    call(
        "product" + Arrays.toString(then),
        arguments,
        then,
        (pd, attr) ->
            dnnl_matmul_primitive_desc_create(
                pd,
                dnn.engine,
                descriptor(source),
                descriptor(weights),
                bias == null ? null : descriptor(bias),
                descriptor(destination),
                attr));
  }

  /** Softmax over the last axis; source and destination may be the same. */
  void softmax(View source, View destination) {
    call(
        "softmax",
        List.of(new Argument(DNNL_ARG_SRC, source), new Argument(DNNL_ARG_DST, destination)),
        new PostOp[0],
        (pd, attr) ->
            dnnl_softmax_forward_primitive_desc_create(
                pd,
                dnn.engine,
                dnnl_forward_inference,
                dnnl_softmax_accurate,
                descriptor(source),
                descriptor(destination),
                source.rank() - 1,
                attr));
  }

  /** {@code target += term}, broadcast along the axes in which the term has size 1. */
  void add(View target, View term) {
    call(
        "add",
        List.of(
            new Argument(DNNL_ARG_SRC_0, target),
            new Argument(DNNL_ARG_SRC_1, term),
            new Argument(DNNL_ARG_DST, target)),
        new PostOp[0],
        (pd, attr) ->
            dnnl_binary_primitive_desc_create(
                pd,
                dnn.engine,
                dnnl_binary_add,
                descriptor(target),
                descriptor(term),
                descriptor(target),
                attr));
  }

  /** An element-wise function of source. */
  void apply(PostOp function, View source, View destination) {
    call(
        "apply" + function,
        List.of(new Argument(DNNL_ARG_SRC, source), new Argument(DNNL_ARG_DST, destination)),
        new PostOp[0],
        (pd, attr) ->
            dnnl_eltwise_forward_primitive_desc_create(
                pd,
                dnn.engine,
                dnnl_forward_inference,
                function.algorithm(),
                descriptor(source),
                descriptor(destination),
                function.alpha(),
                function.beta(),
                attr));
  }

  /** Normalisation over the last axis, then scale and shift. */
  void layerNorm(View source, View scale, View shift, View destination, double epsilon) {
    call(
        "layer_norm" + epsilon,
        List.of(
            new Argument(DNNL_ARG_SRC, source),
            new Argument(DNNL_ARG_DST, destination),
            new Argument(DNNL_ARG_SCALE, scale),
            new Argument(DNNL_ARG_SHIFT, shift)),
        new PostOp[0],
        (pd, attr) ->
            dnnl_layer_normalization_forward_primitive_desc_create(
                pd,
                dnn.engine,
                dnnl_forward_inference,
                descriptor(source),
                descriptor(destination),
                null,
                (float) epsilon,
                dnnl_use_scale | dnnl_use_shift,
                attr));
  }

  @FunctionalInterface
  private interface Description {
    int create(dnnl_primitive_desc pd, dnnl_primitive_attr attr);
  }

  private void call(String kind, List<Argument> arguments, PostOp[] then, Description description) {
    StringBuilder key = new StringBuilder(kind);
    for (Argument a : arguments) {
      key.append(a.kind).append(shapeKey(a.view));
    }
    dnnl_primitive primitive =
        primitives.computeIfAbsent(key.toString(), k -> primitive(k, then, description));
    dnnl_exec_arg_t packed = new dnnl_exec_arg_t(arguments.size());
    frees.push(packed::deallocate);
    for (int i = 0; i < arguments.size(); i++) {
      dnnl_exec_arg_t slot = packed.getPointer(i);
      slot.arg(arguments.get(i).kind);
      slot.memory(memory(arguments.get(i).view));
    }
    calls.add(new Call(primitive, packed, arguments.size()));
  }

  private dnnl_primitive primitive(String what, PostOp[] then, Description description) {
    dnnl_primitive_attr attr = new dnnl_primitive_attr();
    OneDnn.check(dnnl_primitive_attr_create(attr), "attributes");
    dnnl_post_ops post = new dnnl_post_ops();
    OneDnn.check(dnnl_post_ops_create(post), "post operations");
    for (PostOp p : then) {
      OneDnn.check(
          dnnl_post_ops_append_eltwise(post, p.algorithm(), p.alpha(), p.beta()), p.toString());
    }
    OneDnn.check(dnnl_primitive_attr_set_post_ops(attr, post), "post operations");
    dnnl_primitive_desc pd = new dnnl_primitive_desc();
    OneDnn.check(description.create(pd, attr), what);
    dnnl_primitive primitive = new dnnl_primitive();
    OneDnn.check(dnnl_primitive_create(primitive, pd), what);
    free(pd, p -> dnnl_primitive_desc_destroy(p)).run();
    free(post, p -> dnnl_post_ops_destroy(p)).run();
    free(attr, p -> dnnl_primitive_attr_destroy(p)).run();
    frees.push(free(primitive, p -> dnnl_primitive_destroy(p)));
    return primitive;
  }

  private dnnl_memory memory(View view) {
    dnnl_memory memory = new dnnl_memory();
    OneDnn.check(
        dnnl_memory_create(memory, descriptor(view), dnn.engine, view.address()), "memory");
    frees.push(free(memory, m -> dnnl_memory_destroy(m)));
    return memory;
  }

  private dnnl_memory_desc descriptor(View view) {
    return descriptors.computeIfAbsent(
        shapeKey(view),
        k -> {
          dnnl_memory_desc d = new dnnl_memory_desc();
          OneDnn.check(
              dnnl_memory_desc_create_with_strides(
                  d, view.rank(), view.dims(), dnnl_f32, view.strides()),
              "shape " + k);
          frees.push(free(d, m -> dnnl_memory_desc_destroy(m)));
          return d;
        });
  }

  private static String shapeKey(View view) {
    return Arrays.toString(view.dims()) + Arrays.toString(view.strides());
  }

  private static <T> Runnable free(T resource, ToIntFunction<T> destroy) {
    return () -> OneDnn.check(destroy.applyAsInt(resource), "end of " + resource.getClass());
  }

  @Override
  public void run() {
    for (Call c : calls) {
      OneDnn.check(
          dnnl_primitive_execute(c.primitive, dnn.stream, c.count, c.arguments), "execution");
    }
    OneDnn.check(dnnl_stream_wait(dnn.stream), "wait");
  }

  @Override
  public void close() {
    while (!frees.isEmpty()) {
      frees.pop().run();
    }
    calls.clear();
  }
}

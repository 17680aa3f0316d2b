package io.github.microsam.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_fpmath_mode_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_clone;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_create_with_strides;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_equal;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_get_size;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_binary;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_eltwise;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_sum;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_fpmath_mode;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_post_ops;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_scratchpad_mode;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_next_impl;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_query_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_execute;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_scratchpad_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_weights_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_scratchpad_mode_user;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_wait;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

import io.github.microsam.engine.KernelProvider;
import io.github.microsam.engine.Precision;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
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
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Primitives that run one after the other. It is written first, by {@link Assembler}, without
 * addresses; then it knows how much scratch memory it needs, in which intermediate results that
 * live at different times lie over each other; then it is bound to memory and can run. Calls that
 * differ in addresses only share a primitive.
 */
final class Program implements KernelProvider.Kernel {
  /** Elements; some primitives need vectors at multiples of their size. */
  private static final long ALIGNMENT = 16;

  private final OneDnn dnn;
  private final List<Call> calls = new ArrayList<>();
  private final List<Place> temporaries = new ArrayList<>();
  private final List<Bound> bound = new ArrayList<>();
  private final Map<String, dnnl_primitive_desc> descriptions = new HashMap<>();
  private final Map<String, dnnl_primitive> primitives = new HashMap<>();
  private final Map<String, dnnl_memory_desc> layouts = new HashMap<>();
  private final Deque<Runnable> frees = new ArrayDeque<>();
  private final Place zeros = new Place(0, false);
  private long zeroCount;
  private final Map<Place, float[]> constants = new HashMap<>();

  Program(OneDnn dnn) {
    this.dnn = dnn;
  }

  /** What a primitive reads or writes, by oneDNN's number for it. */
  record Argument(int kind, View view) {}

  private record Call(String description, List<Argument> arguments) {}

  private record Bound(dnnl_primitive primitive, dnnl_exec_arg_t arguments, int count) {}

  /** Creates a description; returns oneDNN's status. */
  @FunctionalInterface
  interface Description {
    int create(dnnl_primitive_desc pd, dnnl_primitive_attr attr);
  }

  OneDnn dnn() {
    return dnn;
  }

  /** Memory for a result inside the program, which lives from its first use to its last. */
  View temporary(long... dims) {
    return View.of(temporaryPlace(View.length(dims)), dims);
  }

  /** Numbers that are known beforehand, which must not be written to. */
  View constant(float[] values, long... dims) {
    Place place = new Place(values.length, false);
    constants.put(place, values);
    return View.of(place, dims);
  }

  /** Zeros, which must not be written to. */
  View zeros(long... dims) {
    zeroCount = Math.max(zeroCount, View.length(dims));
    return View.of(zeros, dims);
  }

  private Place temporaryPlace(long length) {
    Place place = new Place(length, true);
    temporaries.add(place);
    return place;
  }

  /** Describes a primitive in the implementation that oneDNN chooses. */
  String describe(String what, PostOp[] then, Description description) {
    return describe(what, then, "", description);
  }

  /**
   * Describes a primitive.
   *
   * @param what tells it from others
   * @param then what it does with its result
   * @param preferred how the name of the implementation begins that is taken if there is one; empty
   *     for oneDNN's own choice
   * @param description creates it
   * @return its name in this program
   */
  String describe(String what, PostOp[] then, String preferred, Description description) {
    StringBuilder key = new StringBuilder(what);
    for (PostOp p : then) {
      key.append(p instanceof PostOp.Binary b ? b.algorithm() + b.other().layout() : p.toString());
    }
    descriptions.computeIfAbsent(key.toString(), k -> create(k, then, preferred, description));
    return key.toString();
  }

  /** Adds a primitive that has been described to the end of the program. */
  void call(String description, PostOp[] then, List<Argument> arguments) {
    List<Argument> all = new ArrayList<>(arguments);
    for (int i = 0; i < then.length; i++) {
      if (then[i] instanceof PostOp.Binary b) {
        int kind = DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE * (i + 1) | DNNL_ARG_SRC_1;
        all.add(new Argument(kind, b.other()));
      }
    }
    View scratchpad = scratchpad(description);
    if (scratchpad != null) {
      all.add(new Argument(DNNL_ARG_SCRATCHPAD, scratchpad));
    }
    all.forEach(a -> a.view.place().use(calls.size()));
    calls.add(new Call(description, all));
  }

  /**
   * What a primitive needs for itself while it runs; null if nothing. oneDNN's own scratchpads
   * belong to the thread that creates a primitive and end with it, but programs run in any thread.
   */
  private View scratchpad(String description) {
    dnnl_memory_desc wanted =
        dnnl_primitive_desc_query_md(descriptions.get(description), dnnl_query_scratchpad_md, 0);
    long bytes = dnnl_memory_desc_get_size(wanted);
    return bytes == 0
        ? null
        : View.packed(temporaryPlace((bytes + Float.BYTES - 1) / Float.BYTES), wanted, bytes);
  }

  /** A place for weights in the layout that a description wants; null if they have it already. */
  View packedWeights(String description, View weights) {
    return packed(description, dnnl_query_weights_md, weights);
  }

  /**
   * A place in the layout that a description wants for an array; null if it has it already.
   *
   * @param query oneDNN's number for which of its layouts
   */
  View packed(String description, int query, View view) {
    dnnl_memory_desc wanted = dnnl_primitive_desc_query_md(descriptions.get(description), query, 0);
    if (dnnl_memory_desc_equal(wanted, layout(view)) != 0) {
      return null;
    }
    dnnl_memory_desc own = new dnnl_memory_desc();
    OneDnn.check(dnnl_memory_desc_clone(own, wanted), "layout");
    frees.push(free(own, d -> dnnl_memory_desc_destroy(d)));
    long length = dnnl_memory_desc_get_size(own) / Float.BYTES;
    return View.packed(temporaryPlace(length), own, view.dims());
  }

  /** A description, as a hint for that of a backward pass. */
  dnnl_primitive_desc description(String name) {
    return descriptions.get(name);
  }

  dnnl_memory_desc layout(View view) {
    return view.packed() != null
        ? view.packed()
        : layouts.computeIfAbsent(view.layout(), k -> create(view));
  }

  private dnnl_memory_desc create(View view) {
    dnnl_memory_desc d = new dnnl_memory_desc();
    OneDnn.check(
        dnnl_memory_desc_create_with_strides(d, view.rank(), view.dims(), dnnl_f32, view.strides()),
        "shape " + view);
    frees.push(free(d, m -> dnnl_memory_desc_destroy(m)));
    return d;
  }

  private dnnl_primitive_desc create(
      String what, PostOp[] then, String preferred, Description description) {
    dnnl_primitive_attr attr = new dnnl_primitive_attr();
    OneDnn.check(dnnl_primitive_attr_create(attr), "attributes");
    dnnl_post_ops post = new dnnl_post_ops();
    OneDnn.check(dnnl_post_ops_create(post), "post operations");
    for (PostOp p : then) {
      OneDnn.check(append(post, p), p.toString());
    }
    OneDnn.check(dnnl_primitive_attr_set_post_ops(attr, post), "post operations");
    OneDnn.check(
        dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user), "scratchpad");
    if (dnn.precision == Precision.BFLOAT16) {
      OneDnn.check(dnnl_primitive_attr_set_fpmath_mode(attr, dnnl_fpmath_mode_bf16), "precision");
    }
    dnnl_primitive_desc pd = new dnnl_primitive_desc();
    OneDnn.check(description.create(pd, attr), what);
    boolean ended = false;
    while (!ended && !OneDnn.implementation(pd).startsWith(preferred)) {
      ended = dnnl_primitive_desc_next_impl(pd) != dnnl_success;
    }
    if (ended) {
      free(pd, p -> dnnl_primitive_desc_destroy(p)).run();
      OneDnn.check(description.create(pd, attr), what);
    }
    frees.push(free(pd, p -> dnnl_primitive_desc_destroy(p)));
    free(post, p -> dnnl_post_ops_destroy(p)).run();
    free(attr, p -> dnnl_primitive_attr_destroy(p)).run();
    return pd;
  }

  private int append(dnnl_post_ops post, PostOp p) {
    if (p instanceof PostOp.Function f) {
      return dnnl_post_ops_append_eltwise(post, f.algorithm(), f.alpha(), f.beta());
    }
    if (p instanceof PostOp.Binary b) {
      return dnnl_post_ops_append_binary(post, b.algorithm(), layout(b.other()));
    }
    return dnnl_post_ops_append_sum(post, 1, 0, dnnl_f32);
  }

  /** Places the temporaries, the largest first; returns how many elements they need together. */
  long scratch() {
    List<Place> bySize = new ArrayList<>(temporaries);
    bySize.removeIf(p -> p.last < 0);
    bySize.sort(Comparator.comparingLong((Place p) -> -p.length));
    List<Place> placed = new ArrayList<>();
    long end = 0;
    for (Place p : bySize) {
      p.offset = lowestFreeOffset(p, placed);
      int at = 0;
      while (at < placed.size() && placed.get(at).offset < p.offset) {
        at++;
      }
      placed.add(at, p);
      end = Math.max(end, p.offset + p.length);
    }
    return end == 0 ? 0 : end + ALIGNMENT;
  }

  private static long lowestFreeOffset(Place p, List<Place> othersByOffset) {
    long offset = 0;
    for (Place other : othersByOffset) {
      if (p.overlapsInTime(other)) {
        if (offset + p.length <= other.offset) {
          break;
        }
        long end = other.offset + other.length;
        offset = Math.max(offset, (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
      }
    }
    return offset;
  }

  /**
   * Gives the program its memory; all other places are bound already.
   *
   * @param scratch as many elements as {@link #scratch()} says; null if none
   */
  void bind(Pointer scratch) {
    if (scratch != null) {
      long bytes = ALIGNMENT * Float.BYTES;
      long skipped = (bytes - scratch.address() % bytes) % bytes / Float.BYTES;
      temporaries.forEach(p -> p.bind(new FloatPointer(scratch), skipped + p.offset));
    }
    constants.forEach(
        (place, values) -> {
          FloatPointer memory = new FloatPointer(values);
          frees.push(memory::deallocate);
          place.bind(memory, 0);
        });
    if (zeroCount > 0) {
      FloatPointer memory = new FloatPointer(zeroCount);
      frees.push(memory::deallocate);
      Pointer.memset(memory, 0, zeroCount * Float.BYTES);
      zeros.bind(memory, 0);
    }
    for (Call c : calls) {
      dnnl_exec_arg_t packed = new dnnl_exec_arg_t(c.arguments.size());
      frees.push(packed::deallocate);
      for (int i = 0; i < c.arguments.size(); i++) {
        dnnl_exec_arg_t slot = packed.getPointer(i);
        slot.arg(c.arguments.get(i).kind);
        slot.memory(memory(c.arguments.get(i).view));
      }
      dnnl_primitive primitive =
          primitives.computeIfAbsent(c.description, k -> primitive(k, descriptions.get(k)));
      bound.add(new Bound(primitive, packed, c.arguments.size()));
    }
  }

  private dnnl_primitive primitive(String what, dnnl_primitive_desc description) {
    dnnl_primitive primitive = new dnnl_primitive();
    OneDnn.check(dnnl_primitive_create(primitive, description), what);
    frees.push(free(primitive, p -> dnnl_primitive_destroy(p)));
    return primitive;
  }

  private dnnl_memory memory(View view) {
    dnnl_memory memory = new dnnl_memory();
    OneDnn.check(dnnl_memory_create(memory, layout(view), dnn.engine, view.address()), "memory");
    frees.push(free(memory, m -> dnnl_memory_destroy(m)));
    return memory;
  }

  private static <T> Runnable free(T resource, ToIntFunction<T> destroy) {
    return () -> OneDnn.check(destroy.applyAsInt(resource), "end of " + resource.getClass());
  }

  @Override
  public void run() {
    for (Bound b : bound) {
      OneDnn.check(
          dnnl_primitive_execute(b.primitive, dnn.stream, b.count, b.arguments), "execution");
    }
    OneDnn.check(dnnl_stream_wait(dnn.stream), "wait");
  }

  @Override
  public void close() {
    while (!frees.isEmpty()) {
      frees.pop().run();
    }
    bound.clear();
  }
}

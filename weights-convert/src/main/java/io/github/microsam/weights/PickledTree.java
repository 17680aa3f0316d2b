package io.github.microsam.weights;

import io.github.microsam.weights.pickle.HeapBudget;
import io.github.microsam.weights.pickle.PyDict;
import io.github.microsam.weights.pickle.PyGlobal;
import io.github.microsam.weights.pickle.PyObject;
import io.github.microsam.weights.pickle.PyPersistent;
import io.github.microsam.weights.pickle.PySequence;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Turns what a pickle contains into the plain, unmodifiable values of {@link Checkpoint#root()} and
 * finds the tensors among them. Objects that a pickle shares stay shared; where it refers back to
 * an enclosing object, the circle is cut.
 */
final class PickledTree {
  /** More than Python itself pickles with its default limit of recursion. */
  private static final int DEEPEST = 500;

  private static final Object UNDER_WAY = new Object();
  private static final OpaqueObject CIRCLE = new OpaqueObject("(an enclosing object)");

  private final StoredTensors storedTensors;
  private final HeapBudget budget;
  private final IdentityHashMap<Object, Object> converted = new IdentityHashMap<>();
  // Tensors of PyTorch, and containers that lead to one.
  private final Set<Object> tensorBearing = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Object root;
  private long visitsLeft;

  PickledTree(Object pickled, StoredTensors storedTensors, HeapBudget budget) {
    this.storedTensors = storedTensors;
    this.budget = budget;
    this.root = convert(pickled, "", 0);
    // Sharing makes more names than objects; a file in which it makes very many is a bomb.
    this.visitsLeft = 1000 + 64L * converted.size();
    collect(root, "");
  }

  Object root() {
    return root;
  }

  /** By name, in the order of the pickle. */
  Map<String, Tensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  private Object convert(Object value, String path, int depth) {
    if (value instanceof byte[] bytes) {
      return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }
    if (value instanceof PyGlobal global) {
      return new OpaqueObject(global.name());
    }
    if (value instanceof PyPersistent) {
      return new OpaqueObject("torch.storage");
    }
    if (!(value instanceof PySequence)
        && !(value instanceof PyDict)
        && !(value instanceof PyObject)) {
      return value;
    }
    Object known = converted.get(value);
    if (known != null) {
      return known == UNDER_WAY ? CIRCLE : known;
    }
    if (depth > DEEPEST) {
      throw new CheckpointException("its objects are nested deeper than " + DEEPEST + " levels");
    }
    budget.charge(128);
    converted.put(value, UNDER_WAY);
    Object plain;
    if (value instanceof PySequence sequence) {
      plain = list(sequence, path, depth);
    } else if (value instanceof PyDict dict) {
      plain = map(dict, path, depth);
    } else {
      plain = object((PyObject) value, path, depth);
    }
    converted.put(value, plain);
    return plain;
  }

  private List<Object> list(PySequence sequence, String path, int depth) {
    budget.charge(8L * sequence.items().size());
    List<Object> items = new ArrayList<>(sequence.items().size());
    List<Object> plain = Collections.unmodifiableList(items);
    for (Object item : sequence.items()) {
      items.add(child(plain, item, path, Integer.toString(items.size()), depth));
    }
    return plain;
  }

  private Map<Object, Object> map(PyDict dict, String path, int depth) {
    budget.charge(72L * dict.items().size());
    Map<Object, Object> items = new LinkedHashMap<>();
    Map<Object, Object> plain = Collections.unmodifiableMap(items);
    for (Map.Entry<Object, Object> e : dict.items().entrySet()) {
      Object key = isPlain(e.getKey()) ? e.getKey() : "#" + items.size();
      items.put(key, child(plain, e.getValue(), path, keyName(key), depth));
    }
    return plain;
  }

  private Object child(Object parent, Object value, String path, String name, int depth) {
    Object plain = convert(value, join(path, name), depth + 1);
    if (tensorBearing.contains(plain)) {
      tensorBearing.add(parent);
    }
    return plain;
  }

  private Object object(PyObject object, String path, int depth) {
    switch (object.callable()) {
      case "torch._utils._rebuild_tensor",
          "torch._utils._rebuild_tensor_v2",
          "torch._utils._rebuild_tensor_v3" -> {
        Optional<Tensor> tensor = storedTensors.make(path, object);
        tensor.ifPresent(tensorBearing::add);
        return tensor.isPresent() ? tensor.get() : new OpaqueObject("torch.Tensor");
      }
      case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state" -> {
        return object.arguments().isEmpty()
            ? new OpaqueObject(object.callable())
            : convert(object.arguments().get(0), path, depth + 1);
      }
      case "torch._tensor._rebuild_from_type_v2" -> {
        return rebuiltFromType(object, path, depth);
      }
      case "torch.device" -> {
        return device(object);
      }
      default -> {
        Optional<Object> numpy = NumpyValues.of(path, object);
        return numpy.isPresent() ? numpy.get() : new OpaqueObject(object.callable());
      }
    }
  }

  /** Tensors with attributes are pickled as (function, class, arguments of the function, state). */
  private Object rebuiltFromType(PyObject object, String path, int depth) {
    List<Object> arguments = object.arguments();
    if (arguments.size() < 3
        || !(arguments.get(0) instanceof PyGlobal function)
        || !(arguments.get(2) instanceof PySequence of)) {
      return new OpaqueObject(object.callable());
    }
    budget.charge(64);
    return convert(PyObject.of(function, of), path, depth + 1);
  }

  private static Object device(PyObject object) {
    List<Object> arguments = object.arguments();
    if (arguments.isEmpty() || !(arguments.get(0) instanceof String type)) {
      return new OpaqueObject(object.callable());
    }
    return arguments.size() > 1 && arguments.get(1) instanceof Long index
        ? type + ":" + index
        : type;
  }

  private static boolean isPlain(Object key) {
    return key == null || key instanceof String || key instanceof Number || key instanceof Boolean;
  }

  private static String keyName(Object key) {
    if (key instanceof Boolean b) {
      return b ? "True" : "False";
    }
    return key == null ? "None" : key.toString();
  }

  private String join(String path, String name) {
    budget.charge(64 + 2L * (path.length() + name.length()));
    return path.isEmpty() ? name : path + "/" + name;
  }

  private void collect(Object value, String path) {
    if (!tensorBearing.contains(value)) {
      return;
    }
    if (--visitsLeft < 0) {
      throw new CheckpointException("its objects refer to each other too many times");
    }
    if (value instanceof Tensor tensor) {
      budget.charge(128);
      if (tensors.putIfAbsent(path, tensor.name().equals(path) ? tensor : tensor.renamed(path))
          != null) {
        throw new CheckpointException("two tensors are called " + path);
      }
    } else if (value instanceof List<?> list) {
      int i = 0;
      for (Object item : list) {
        collect(item, join(path, Integer.toString(i++)));
      }
    } else if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> e : map.entrySet()) {
        collect(e.getValue(), join(path, keyName(e.getKey())));
      }
    }
  }
}

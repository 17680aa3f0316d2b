package io.github.microsam.weights.pickle;

import io.github.microsam.weights.pickle.PySequence.Kind;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The few callables of Python's standard library that have a meaning here, all of them plain
 * containers and bytes. Calling any other gives a {@link PyObject}.
 */
final class Constructors {
  private final HeapBudget budget;

  Constructors(HeapBudget budget) {
    this.budget = budget;
  }

  /** What calling {@code callable} gives; arguments of the wrong kind make it opaque. */
  Object call(PyGlobal callable, List<Object> arguments) {
    Object value =
        switch (callable.name()) {
          case "collections.OrderedDict", "collections.Counter", "builtins.dict" ->
              dict(arguments, 0);
          case "collections.defaultdict" -> dict(arguments, 1);
          case "builtins.list", "collections.deque" -> sequence(Kind.LIST, arguments);
          case "builtins.tuple", "torch.Size" -> sequence(Kind.TUPLE, arguments);
          case "builtins.set", "builtins.frozenset" -> sequence(Kind.SET, arguments);
          case "builtins.bytes", "builtins.bytearray", "_codecs.encode" -> bytes(arguments);
          case "copyreg._reconstructor" -> reconstructed(arguments);
          case "builtins.getattr" -> attribute(arguments);
          default -> null;
        };
    return value != null ? value : new PyObject(callable.name(), arguments);
  }

  private static PyObject reconstructed(List<Object> arguments) {
    return !arguments.isEmpty() && arguments.get(0) instanceof PyGlobal type
        ? new PyObject(type.name(), List.of())
        : null;
  }

  /** The attribute of a class, by its name only. */
  private PyGlobal attribute(List<Object> arguments) {
    if (arguments.size() != 2
        || !(arguments.get(0) instanceof PyGlobal owner)
        || !(arguments.get(1) instanceof String attribute)) {
      return null;
    }
    budget.charge(64 + 2L * (owner.name().length() + attribute.length()));
    return new PyGlobal(owner.name() + "." + attribute);
  }

  private PyDict dict(List<Object> arguments, int from) {
    PyDict dict = new PyDict();
    if (arguments.size() <= from) {
      return dict;
    }
    Object content = arguments.get(from);
    if (content instanceof PyDict other) {
      budget.charge(64L * other.items().size());
      dict.items().putAll(other.items());
      return dict;
    }
    if (!(content instanceof PySequence pairs)) {
      return null;
    }
    budget.charge(64L * pairs.items().size());
    for (Object pair : pairs.items()) {
      if (!(pair instanceof PySequence p) || p.items().size() != 2) {
        return null;
      }
      dict.items().put(p.items().get(0), p.items().get(1));
    }
    return dict;
  }

  private PySequence sequence(Kind kind, List<Object> arguments) {
    List<Object> items = new ArrayList<>(0);
    if (!arguments.isEmpty()) {
      if (!(arguments.get(0) instanceof PySequence other)) {
        return null;
      }
      budget.charge(8L * other.items().size());
      items.addAll(other.items());
    }
    return new PySequence(kind, items);
  }

  private byte[] bytes(List<Object> arguments) {
    if (arguments.isEmpty()) {
      return new byte[0];
    }
    if (arguments.get(0) instanceof byte[] bytes) {
      return bytes;
    }
    if (!(arguments.get(0) instanceof String text)
        || arguments.size() < 2
        || !(arguments.get(1) instanceof String encoding)) {
      return null;
    }
    Charset charset =
        switch (encoding) {
          case "latin1", "latin-1", "iso-8859-1" -> StandardCharsets.ISO_8859_1;
          case "utf-8", "utf8" -> StandardCharsets.UTF_8;
          case "ascii" -> StandardCharsets.US_ASCII;
          default -> null;
        };
    if (charset == null) {
      return null;
    }
    budget.charge(4L * text.length());
    if (!charset.newEncoder().canEncode(text)) {
      throw new PickleException("the pickle has a text that is not " + encoding);
    }
    return text.getBytes(charset);
  }
}

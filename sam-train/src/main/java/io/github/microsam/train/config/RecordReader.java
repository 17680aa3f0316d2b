package io.github.microsam.train.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads YAML into records: a mapping is a record whose components are the keys, and what is left
 * out stays as it is in a default. One of a sealed interface's records is named by its type: {@code
 * tuning: full}, or with components {@code tuning: {lora: {rank: 4}}}. Problems are collected.
 */
final class RecordReader {
  private final Path folder;
  private final Map<Class<?>, Object> defaults;
  private final List<String> problems = new ArrayList<>();

  /**
   * A reader.
   *
   * @param folder that relative paths start from
   * @param defaults values of records that have no method for them
   */
  RecordReader(Path folder, Map<Class<?>, Object> defaults) {
    this.folder = folder;
    this.defaults = defaults;
  }

  List<String> problems() {
    return problems;
  }

  /** A problem was noted; the value does not matter any more. */
  private static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1;
  }

  private void note(Node node, String message) {
    int line = node.getStartMark().map(Mark::getLine).orElse(0) + 1;
    problems.add("line " + line + ": " + message);
  }

  private Unreadable problem(Node node, String message) {
    note(node, message);
    return new Unreadable();
  }

  /** Reads a record; where something is wrong, gives the default and notes the problem. */
  <T> T read(Node node, Class<T> type, T otherwise) {
    try {
      return type.cast(record(node, type, otherwise));
    } catch (Unreadable e) {
      return otherwise;
    }
  }

  private Object value(Node node, Type type, Object otherwise, String key) throws Unreadable {
    if (type instanceof ParameterizedType generic) {
      return collection(node, generic, key);
    }
    Class<?> raw = (Class<?>) type;
    if (raw.isRecord()) {
      return record(node, raw, otherwise != null ? otherwise : known(raw));
    }
    if (Records.isChoice(raw)) {
      return choice(node, raw, otherwise, key);
    }
    if (!(node instanceof ScalarNode scalar)) {
      throw problem(node, key + " has several values, expected one");
    }
    return scalar(scalar, raw, key);
  }

  private Object known(Class<?> type) {
    Object given = defaults.get(type);
    return given != null ? given : Records.defaults(type);
  }

  private Object record(Node node, Class<?> type, Object otherwise) throws Unreadable {
    if (isNull(node) && otherwise != null) {
      return otherwise;
    }
    if (!(node instanceof MappingNode mapping)) {
      throw problem(node, "expected keys and values: " + keys(type));
    }
    RecordComponent[] components = Records.components(type);
    Object[] values = new Object[components.length];
    boolean[] given = new boolean[components.length];
    int before = problems.size();
    for (NodeTuple entry : mapping.getValue()) {
      int i = component(entry.getKeyNode(), components);
      if (i < 0) {
        continue;
      }
      Object old = otherwise == null ? null : Records.value(otherwise, components[i]);
      given[i] = true;
      try {
        values[i] =
            value(
                entry.getValueNode(), components[i].getGenericType(), old, components[i].getName());
      } catch (Unreadable e) {
        values[i] = old;
      }
    }
    for (int i = 0; i < components.length; i++) {
      if (!given[i]) {
        values[i] =
            otherwise == null ? absent(components[i]) : Records.value(otherwise, components[i]);
        if (values[i] == null) {
          throw problem(node, components[i].getName() + " is missing");
        }
      }
    }
    if (problems.size() > before) {
      throw new Unreadable();
    }
    try {
      return Records.create(type, Arrays.asList(values));
    } catch (IllegalArgumentException e) {
      throw problem(node, e.getMessage());
    }
  }

  private int component(Node key, RecordComponent[] components) {
    String name = key instanceof ScalarNode scalar ? scalar.getValue() : key.toString();
    List<String> valid = Arrays.stream(components).map(RecordComponent::getName).toList();
    for (int i = 0; i < components.length; i++) {
      if (Names.same(name, valid.get(i))) {
        return i;
      }
    }
    note(
        key,
        "unknown key "
            + name
            + Names.suggestion(name, valid)
            + ". Valid here: "
            + String.join(", ", valid));
    return -1;
  }

  private static Object absent(RecordComponent component) {
    Class<?> type = component.getType();
    Otherwise otherwise = component.getAnnotation(Otherwise.class);
    if (otherwise != null) {
      return otherwise.value();
    }
    if (type == Optional.class) {
      return Optional.empty();
    }
    return type == Map.class ? Map.of() : null;
  }

  private static String keys(Class<?> type) {
    return String.join(
        ", ", Arrays.stream(Records.components(type)).map(RecordComponent::getName).toList());
  }

  private Object choice(Node node, Class<?> type, Object otherwise, String key) throws Unreadable {
    List<Class<?>> choices = Records.choices(type);
    List<String> names = choices.stream().map(Names::written).toList();
    Node named = node;
    Node content = null;
    if (node instanceof MappingNode mapping && mapping.getValue().size() == 1) {
      named = mapping.getValue().get(0).getKeyNode();
      content = mapping.getValue().get(0).getValueNode();
    }
    if (!(named instanceof ScalarNode scalar)) {
      throw problem(node, key + " is one of " + String.join(", ", names));
    }
    for (Class<?> choice : choices) {
      if (Names.same(scalar.getValue(), choice.getSimpleName())) {
        Object start = choice.isInstance(otherwise) ? otherwise : known(choice);
        if (content != null) {
          return record(content, choice, start);
        }
        if (start == null) {
          throw problem(node, key + ": " + scalar.getValue() + " needs " + keys(choice));
        }
        return start;
      }
    }
    throw problem(
        node,
        key
            + " is "
            + scalar.getValue()
            + ", expected one of "
            + String.join(", ", names)
            + Names.suggestion(scalar.getValue(), names));
  }

  private Object collection(Node node, ParameterizedType type, String key) throws Unreadable {
    Class<?> raw = (Class<?>) type.getRawType();
    Type[] of = type.getActualTypeArguments();
    if (raw == Optional.class) {
      return isNull(node) ? Optional.empty() : Optional.of(value(node, of[0], null, key));
    }
    if (raw == Map.class) {
      if (!(node instanceof MappingNode mapping)) {
        throw problem(node, key + " has one value, expected keys and values");
      }
      Map<String, Object> map = new LinkedHashMap<>();
      for (NodeTuple entry : mapping.getValue()) {
        String name = (String) value(entry.getKeyNode(), String.class, null, key);
        map.put(name, value(entry.getValueNode(), of[1], null, name));
      }
      return map;
    }
    List<Object> list = new ArrayList<>();
    if (node instanceof SequenceNode sequence) {
      for (Node element : sequence.getValue()) {
        list.add(value(element, of[0], null, key));
      }
    } else if (!isNull(node)) {
      throw problem(node, key + " is a list: write [a, b]");
    }
    return raw == List.class ? list : new LinkedHashSet<>(list);
  }

  private Object scalar(ScalarNode node, Class<?> type, String key) throws Unreadable {
    String text = node.getValue();
    if (type.isEnum()) {
      for (Object constant : type.getEnumConstants()) {
        if (Names.same(text, ((Enum<?>) constant).name())) {
          return constant;
        }
      }
      List<String> valid =
          Arrays.stream(type.getEnumConstants()).map(c -> Names.written((Enum<?>) c)).toList();
      throw problem(
          node,
          key
              + " is "
              + text
              + ", expected one of "
              + String.join(", ", valid)
              + Names.suggestion(text, valid));
    }
    if (type == String.class) {
      return text;
    }
    if (type == Path.class) {
      return folder.resolve(text).normalize();
    }
    if (type == OptionalDouble.class) {
      return isNull(node)
          ? OptionalDouble.empty()
          : OptionalDouble.of((Double) scalar(node, double.class, key));
    }
    if (type == boolean.class) {
      if (text.equals("true") || text.equals("false")) {
        return Boolean.valueOf(text);
      }
      throw problem(node, key + " is " + text + ", expected true or false");
    }
    return number(node, type, key);
  }

  private Object number(ScalarNode node, Class<?> type, String key) throws Unreadable {
    String text = node.getValue().replace("_", "");
    try {
      if (type == int.class || type == Integer.class) {
        return Integer.valueOf(text);
      }
      if (type == long.class || type == Long.class) {
        return Long.valueOf(text);
      }
      if (type == double.class || type == Double.class) {
        return Double.valueOf(text);
      }
    } catch (NumberFormatException e) {
      throw problem(
          node,
          key
              + " is "
              + node.getValue()
              + ", expected a "
              + (type == double.class || type == Double.class ? "number" : "whole number"));
    }
    throw new IllegalStateException("no values of " + type + " in a configuration");
  }

  private static boolean isNull(Node node) {
    return node.getTag().equals(Tag.NULL);
  }
}

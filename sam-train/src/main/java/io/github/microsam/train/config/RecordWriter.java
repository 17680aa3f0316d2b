package io.github.microsam.train.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Writes records as YAML that {@link RecordReader} reads back. */
final class RecordWriter {
  private final StringBuilder out = new StringBuilder();

  private RecordWriter() {}

  static String write(Record record) {
    RecordWriter writer = new RecordWriter();
    writer.components(record, 0);
    return writer.out.toString();
  }

  private void components(Record record, int indent) {
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Object value = Records.value(record, component);
      if (isAbsent(value)) {
        continue;
      }
      out.append(" ".repeat(indent)).append(component.getName()).append(':');
      value(value, declared(component.getGenericType()), indent + 2);
    }
  }

  private static boolean isAbsent(Object value) {
    return value.equals(Optional.empty()) || value.equals(OptionalDouble.empty());
  }

  /** The type of the elements, or the type itself. */
  private static Class<?> declared(Type type) {
    if (type instanceof ParameterizedType generic) {
      Type[] of = generic.getActualTypeArguments();
      return of[of.length - 1] instanceof Class<?> element ? element : Object.class;
    }
    return (Class<?>) type;
  }

  private void value(Object value, Class<?> declared, int indent) {
    if (Records.isChoice(declared) && declared.isInstance(value)) {
      choice(value, indent);
    } else if (value instanceof Record record) {
      out.append('\n');
      components(record, indent);
    } else if (value instanceof Collection<?> all
        && all.stream().anyMatch(element -> Records.isChoice(declared))) {
      out.append('\n');
      for (Object element : all) {
        out.append(" ".repeat(indent)).append("-");
        value(element, declared, indent + 2);
      }
    } else if (value instanceof Map<?, ?> map && !map.isEmpty()) {
      out.append('\n');
      map.forEach(
          (key, element) -> {
            out.append(" ".repeat(indent)).append(text(key)).append(':');
            value(element, declared, indent + 2);
          });
    } else {
      out.append(' ').append(text(value)).append('\n');
    }
  }

  private void choice(Object value, int indent) {
    String name = Names.written(value.getClass());
    if (Records.components(value.getClass()).length == 0) {
      out.append(' ').append(name).append('\n');
    } else {
      out.append('\n').append(" ".repeat(indent)).append(name).append(":\n");
      components((Record) value, indent + 2);
    }
  }

  private static String text(Object value) {
    if (value instanceof Optional<?> optional) {
      return text(optional.orElseThrow());
    }
    if (value instanceof OptionalDouble optional) {
      return text(optional.getAsDouble());
    }
    if (value instanceof Collection<?> all) {
      List<String> elements = new ArrayList<>();
      all.forEach(element -> elements.add(text(element)));
      return "[" + String.join(", ", elements) + "]";
    }
    if (value instanceof Map<?, ?>) {
      return "{}";
    }
    if (value instanceof Enum<?> constant) {
      return Names.written(constant);
    }
    if (value instanceof String || value instanceof Path) {
      return "'" + value.toString().replace("'", "''") + "'";
    }
    return value.toString();
  }
}

package io.github.microsam.train.config;

import io.github.microsam.train.loss.BinaryCrossEntropy;
import io.github.microsam.train.loss.DiceLoss;
import io.github.microsam.train.loss.DistanceLoss;
import io.github.microsam.train.loss.MapLoss;
import io.github.microsam.train.loss.MaskedLoss;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What reflection tells about the records of a configuration. */
final class Records {
  /** {@link MapLoss} is not sealed: programs may bring their own. */
  private static final List<Class<?>> MAP_LOSSES =
      List.of(DistanceLoss.class, DiceLoss.class, BinaryCrossEntropy.class, MaskedLoss.class);

  private Records() {}

  static boolean isChoice(Class<?> type) {
    return type.isSealed() || type == MapLoss.class;
  }

  /** Components of a record; none of another class. */
  static RecordComponent[] components(Class<?> type) {
    return type.isRecord() ? type.getRecordComponents() : new RecordComponent[0];
  }

  static Object value(Object record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a record of a configuration is not public", e);
    }
  }

  /**
   * Calls the canonical constructor.
   *
   * @throws IllegalArgumentException that the constructor throws
   */
  static Object create(Class<?> type, List<Object> values) {
    Class<?>[] types =
        Arrays.stream(components(type)).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      return constructor.newInstance(values.toArray());
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException cause) {
        throw new IllegalArgumentException(cause.getMessage(), cause);
      }
      throw new IllegalStateException("cannot make a " + type.getSimpleName(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a record of a configuration is not public", e);
    }
  }

  /**
   * What may stand for an interface: the records of a sealed one, also those of sealed interfaces
   * below it; and of losses of maps those that there are.
   */
  static List<Class<?>> choices(Class<?> type) {
    if (type == MapLoss.class) {
      return MAP_LOSSES;
    }
    List<Class<?>> choices = new ArrayList<>();
    for (Class<?> permitted : type.getPermittedSubclasses()) {
      if (permitted.isRecord()) {
        choices.add(permitted);
      } else if (permitted.isSealed()) {
        choices.addAll(choices(permitted));
      }
    }
    return choices;
  }

  /**
   * What a static {@code defaults()} of the type gives, or a record without components; or null.
   */
  static Object defaults(Class<?> type) {
    try {
      Method method = type.getMethod("defaults");
      if (Modifier.isStatic(method.getModifiers())) {
        return method.invoke(null);
      }
    } catch (NoSuchMethodException e) {
      return components(type).length == 0 ? create(type, List.of()) : null;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no defaults of " + type.getSimpleName(), e);
    }
    return null;
  }
}

package io.github.microsam.cli;

import java.lang.reflect.Constructor;
import java.util.Arrays;
import picocli.CommandLine;

/** Makes commands, handing the host to those whose constructor takes one. */
record HostFactory(Host host) implements CommandLine.IFactory {

  @Override
  public <K> K create(Class<K> type) throws Exception {
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (Arrays.equals(constructor.getParameterTypes(), new Class<?>[] {Host.class})) {
        return type.cast(constructor.newInstance(host));
      }
    }
    return CommandLine.defaultFactory().create(type);
  }
}

package io.github.microsam.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Runs a class of the tests in a process of its own, for what is decided once a process. */
final class ChildJvm {
  private final List<String> options = new ArrayList<>();
  private final Map<String, String> environment;
  private final ProcessBuilder builder = new ProcessBuilder();
  private Predicate<String> jars = name -> true;

  /** With the environment of this process, but none of our settings. */
  ChildJvm() {
    environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("MICROSAM_"));
    options.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
  }

  /** Sets a system property. */
  ChildJvm with(String property, String value) {
    options.add("-D" + property + "=" + value);
    return this;
  }

  /** Sets an environment variable. */
  ChildJvm withVariable(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** Leaves files whose name matches out of the class path. */
  ChildJvm without(String regex) {
    jars = name -> !name.matches(regex);
    return this;
  }

  /** Runs a main method and returns what it has printed, to both streams; fails if it fails. */
  String run(Class<?> main) throws Exception {
    // Surefire's own class path is one jar that lists the others.
    String all =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    String classPath =
        Arrays.stream(all.split(File.pathSeparator))
            .filter(entry -> jars.test(Path.of(entry).getFileName().toString()))
            .collect(Collectors.joining(File.pathSeparator));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, main.getName()));
    Process process = builder.command(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), printed);
    return printed;
  }
}

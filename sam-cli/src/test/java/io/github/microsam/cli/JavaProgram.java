package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** A program of the documentation, compiled and run on the class path of the tests. */
final class JavaProgram {
  private JavaProgram() {}

  /** Compiles a source file, whose classes go into a folder, and runs its class. */
  static void run(Path source, Path classes, Path... arguments) throws Exception {
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    String classPath = System.getProperty("java.class.path");
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                messages,
                messages,
                "-cp",
                classPath,
                "-d",
                classes.toString(),
                source.toString());
    assertEquals(0, status, messages.toString(StandardCharsets.UTF_8));
    String name = source.getFileName().toString().replace(".java", "");
    try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
      String[] words = Stream.of(arguments).map(Path::toString).toArray(String[]::new);
      loader.loadClass(name).getMethod("main", String[].class).invoke(null, (Object) words);
    }
  }
}

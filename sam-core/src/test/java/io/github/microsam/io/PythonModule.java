package io.github.microsam.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Python with a module that reads our formats, as another implementation; where there is one. */
public final class PythonModule {
  private static final String[] CANDIDATES = {"python3", "/usr/bin/python3", "python"};

  private PythonModule() {}

  /** Runs a script and returns what it prints; skips the test where the module is missing. */
  public static String run(String module, String script, Object... arguments)
      throws IOException, InterruptedException {
    String python = null;
    for (String candidate : CANDIDATES) {
      if (python == null && works(candidate, module)) {
        python = candidate;
      }
    }
    Assumptions.assumeTrue(python != null, "no Python with " + module + " on this machine");
    List<String> command = new ArrayList<>(List.of(python, "-c", script));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), printed);
    return printed.strip();
  }

  private static boolean works(String python, String module) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(python, "-c", "import " + module).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false; // no such program
    }
  }
}

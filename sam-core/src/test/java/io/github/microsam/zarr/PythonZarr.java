package io.github.microsam.zarr;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Python with zarr, as another implementation of the format; where there is one. */
public final class PythonZarr {
  private static final String[] CANDIDATES = {"python3", "/usr/bin/python3", "python"};

  private PythonZarr() {}

  /** Runs a script and returns what it prints; skips the test where zarr is missing. */
  public static String run(String script, Object... arguments)
      throws IOException, InterruptedException {
    String python = null;
    for (String candidate : CANDIDATES) {
      if (python == null && works(candidate)) {
        python = candidate;
      }
    }
    Assumptions.assumeTrue(python != null, "no Python with zarr on this machine");
    List<String> command = new ArrayList<>(List.of(python, "-c", script));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), printed);
    return printed.strip();
  }

  private static boolean works(String python) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(python, "-c", "import zarr").redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false; // no such program
    }
  }
}

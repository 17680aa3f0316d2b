package io.github.microsam.io;

import java.io.IOException;

/** Python with Pillow and NumPy, as another implementation of the formats; where there is one. */
final class Pillow {
  private Pillow() {}

  /** Runs a script and returns what it prints; skips the test where Pillow is missing. */
  static String run(String script, Object... arguments) throws IOException, InterruptedException {
    return PythonModule.run("PIL, numpy", script, arguments);
  }
}

package io.github.microsam.weights.pickle;

/**
 * A class, function or constant that a pickle names.
 *
 * @param name module and name, such as {@code torch.FloatStorage}; modules that Python 3 renamed
 *     have their new names
 */
public record PyGlobal(String name) {

  static PyGlobal of(String module, String name) {
    String today =
        switch (module) {
          case "__builtin__" -> "builtins";
          case "copy_reg" -> "copyreg";
          default -> module;
        };
    return new PyGlobal(today + "." + name);
  }
}

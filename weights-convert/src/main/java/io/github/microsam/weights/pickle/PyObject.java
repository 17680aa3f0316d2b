package io.github.microsam.weights.pickle;

import java.util.List;

/**
 * An object that unpickling in Python would have made by calling something. Nothing is called here;
 * items that the pickle adds to it are dropped. Compared by identity. Not thread-safe.
 */
public final class PyObject {
  private final String callable;
  private final List<Object> arguments;
  private Object state;

  PyObject(String callable, List<Object> arguments) {
    this.callable = callable;
    this.arguments = arguments;
  }

  /**
   * The result of a call that a pickle describes by other means than a call.
   *
   * @param callable the class or function
   * @param arguments positional arguments
   * @return an object without state
   */
  public static PyObject of(PyGlobal callable, PySequence arguments) {
    return new PyObject(callable.name(), arguments.items());
  }

  /**
   * The class or function.
   *
   * @return module and name, such as {@code torch._utils._rebuild_tensor_v2}
   */
  public String callable() {
    return callable;
  }

  /**
   * What it would have been called with.
   *
   * @return positional arguments
   */
  public List<Object> arguments() {
    return arguments;
  }

  /**
   * The state that was set afterwards.
   *
   * @return the last one, or null
   */
  public Object state() {
    return state;
  }

  void setState(Object state) {
    this.state = state;
  }
}

/**
 * An interpreter of Python's pickle format (protocols 2 to 5) that treats a pickle as data: no
 * class is looked up, let alone instantiated, by the name a file gives. Python's own containers
 * become {@link io.github.microsam.weights.pickle.PySequence} and {@link
 * io.github.microsam.weights.pickle.PyDict}; every other object is a {@link
 * io.github.microsam.weights.pickle.PyObject} that holds what the pickle would have called it with.
 *
 * <p>Internal: the package exists so that the interpreter knows nothing of tensors. It may change
 * without notice, and depends on nothing else of this library.
 */
package io.github.microsam.weights.pickle;

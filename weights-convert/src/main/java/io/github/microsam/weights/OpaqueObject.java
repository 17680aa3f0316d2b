package io.github.microsam.weights;

/**
 * An object of a pickle that has no meaning here: instances, classes and functions of any Python
 * code. Its content is not kept.
 *
 * @param type the class or function, such as {@code datetime.datetime}
 */
public record OpaqueObject(String type) {}

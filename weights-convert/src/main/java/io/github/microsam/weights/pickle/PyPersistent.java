package io.github.microsam.weights.pickle;

/**
 * A reference to something beside the pickle; PyTorch keeps storages there.
 *
 * @param id what identifies it
 */
public record PyPersistent(Object id) {}

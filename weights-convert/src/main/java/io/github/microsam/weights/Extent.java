package io.github.microsam.weights;

/**
 * A part of a file, known to be within it.
 *
 * @param position of its first byte
 * @param byteSize how long it is
 */
record Extent(long position, long byteSize) {}

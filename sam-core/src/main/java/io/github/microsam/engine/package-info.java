/**
 * Runs SameDiff graphs: a graph is compiled once for given input shapes into a schedule of
 * operations over one block of memory, which later calls reuse.
 *
 * <p>Knows nothing of images or of Segment Anything; gives the same answers as {@code
 * SameDiff.output}.
 */
package io.github.microsam.engine;

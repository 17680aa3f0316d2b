package io.github.microsam.model;

import io.github.microsam.engine.Regions;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * A graph with what its layers declare for kernels.
 *
 * @param graph the graph, complete without the regions
 * @param regions parts of the graph that a kernel may replace
 */
record Network(SameDiff graph, Regions regions) {}

/**
 * The networks of Segment Anything as stock SameDiff graphs: one small class a layer or block,
 * which adds itself to a graph.
 *
 * <p>Three rules hold throughout. A variable's name is its PyTorch key and its array has PyTorch's
 * layout, so that loading and saving are copies. An activation's name is the path of the PyTorch
 * module that it comes out of. The graphs run through plain {@code sd.output(...)}, with nothing of
 * ours in between, and can be differentiated.
 */
package io.github.microsam.model;

/**
 * Checkpoints of Segment Anything models in and out, without PyTorch and without ND4J.
 *
 * <p>A {@link io.github.microsam.weights.Checkpoint} is the named tensors of a file, whatever its
 * format; a {@link io.github.microsam.weights.SamConfig} is what the shapes of those tensors say
 * about the model. Nothing here computes with weights beyond converting their element type and
 * merging low-rank adapters.
 */
package io.github.microsam.weights;

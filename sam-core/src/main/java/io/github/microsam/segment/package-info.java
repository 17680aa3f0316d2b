/**
 * Automatic segmentation: everything in an image becomes an object of a label image, without
 * prompts.
 *
 * <p>{@link io.github.microsam.segment.AutomaticSegmentation} is the entry. Behind it are three
 * modes, each in two steps: what the networks say is computed once and is a value (maps of the
 * decoder, or masks of a grid of points), and a function makes objects of that value, as often as
 * one likes, with other thresholds. Whole images and tiles take the same path.
 *
 * <p>Nothing in here reads images or writes results.
 */
package io.github.microsam.segment;

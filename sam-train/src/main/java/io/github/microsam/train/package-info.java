/**
 * Training of Segment Anything for Microscopy: what is trained and how ({@link
 * io.github.microsam.train.TrainingOptions}), and the loop that does it.
 */
package io.github.microsam.train;

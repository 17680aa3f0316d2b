/**
 * One step of training, or of validation, on one batch: networks forward, loss, networks backward.
 * Steps add to sums of gradients; they change no weights.
 */
package io.github.microsam.train.step;

/**
 * Synthetic microscopy with exact labels, for tests, demonstrations and training before real data
 * are there. Plain Java; every pixel is a function of options and seed, on every machine.
 */
package io.github.microsam.train.synthetic;

/**
 * How good a model is: simulated annotators, automatic segmentation, the search for the best
 * options, and a baseline without a model.
 */
package io.github.microsam.train.evaluate;

/**
 * What changes weights: sums of gradients, optimizers, schedules of the learning rate, moving
 * averages. Weights are arrays by key; no model is known here.
 */
package io.github.microsam.train.optim;

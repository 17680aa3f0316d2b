/**
 * Losses with their gradients, on plain arrays: sums are formed in double precision, gradients are
 * exact formulas. No graph and no model is known here.
 */
package io.github.microsam.train.loss;

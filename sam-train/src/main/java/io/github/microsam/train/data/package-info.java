/**
 * Images with labels for training: where they come from, how patches are cut out of them and
 * varied, and the targets that are computed from them. Knows nothing of models.
 */
package io.github.microsam.train.data;

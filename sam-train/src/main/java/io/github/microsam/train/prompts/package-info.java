/**
 * Simulated annotators: the prompts that a person would give for an object whose true mask is
 * known, at first and to correct a prediction. Training and evaluation take them from here, so that
 * both mean the same. Plain Java; no networks.
 */
package io.github.microsam.train.prompts;

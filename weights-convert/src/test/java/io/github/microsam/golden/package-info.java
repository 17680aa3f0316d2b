/** Reads the golden fixtures and makes the weights and images that their formulas define. */
package io.github.microsam.golden;

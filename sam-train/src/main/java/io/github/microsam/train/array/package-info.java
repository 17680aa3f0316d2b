/** Floats in native memory, where ND4J keeps them, as Java code gets at them. */
package io.github.microsam.train.array;

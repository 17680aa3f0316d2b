/**
 * JMH benchmarks of the networks and of what comes after them, each beside ONNX Runtime on the same
 * weights and input in the same run; and the table of their results. No other module may depend on
 * this one.
 */
package io.github.microsam.bench;

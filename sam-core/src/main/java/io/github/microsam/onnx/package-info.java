/**
 * The networks as ONNX files, for other runtimes. Translates stock SameDiff graphs operation by
 * operation; knows nothing of how they are run here.
 */
package io.github.microsam.onnx;

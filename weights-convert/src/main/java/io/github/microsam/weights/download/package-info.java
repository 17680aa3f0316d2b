/**
 * Downloads of large files that must arrive whole: resumed, verified, and safe to start twice.
 *
 * <p>Knows nothing of models; {@link io.github.microsam.weights.ModelCache} says what to download
 * and where to.
 */
package io.github.microsam.weights.download;

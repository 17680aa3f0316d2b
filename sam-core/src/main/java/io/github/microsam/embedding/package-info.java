/**
 * Embeddings of whole images and of the tiles of large ones: computed when asked for, or read from
 * a cache. Knows the predictor and images; segments nothing.
 */
package io.github.microsam.embedding;

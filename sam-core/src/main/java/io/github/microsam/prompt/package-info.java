/**
 * Segmentation from prompts: points, boxes and masks that a person or a program gives become masks.
 *
 * <p>An {@link io.github.microsam.prompt.ImageEmbedding} is a plain value that the caller holds;
 * the {@link io.github.microsam.prompt.SamPredictor} keeps no current image. Coordinates are (x, y)
 * in pixels of the image; a pixel's centre has whole numbers. Nothing in here reads files or makes
 * label images.
 */
package io.github.microsam.prompt;

/**
 * Algorithms on label images, masks and boxes: connected components, distance transforms,
 * watershed, non-maximum suppression, run lengths, relabelling, targets for training, metrics.
 *
 * <p>Images come and go as ImgLib2 {@link net.imglib2.RandomAccessibleInterval}s of one to three
 * axes in ImgLib2's order (x, y, z). A label image holds 0 for background and one id an object, up
 * to 2<sup>32</sup> − 1. "Raster order" is x fastest, then y, then z; results cover the interval of
 * the input, its minimum included, and coordinates are given in it. Inputs are never written to,
 * all methods are static and may be called by many threads, and work is spread over the threads of
 * ImgLib2's {@link net.imglib2.parallel.Parallelization}.
 *
 * <p>This package knows ImgLib2 and nothing else; models and prompts have no place in it.
 */
package io.github.microsam.label;

/**
 * From an image to what a model takes in, and back from its masks to the image: conversion to 8
 * bit, resizing as PyTorch and Pillow do it, padding, coordinates, tiles.
 *
 * <p>Pixels are read as rows of floats through {@link io.github.microsam.image.ImageSource}, so
 * that an image larger than memory passes through. Work is spread over threads with ImgLib2's
 * {@code Parallelization}; {@code Parallelization.runSingleThreaded(...)} keeps it on the caller's.
 * Nothing in here knows of networks or files.
 */
package io.github.microsam.image;

/**
 * Zarr groups and arrays in folders, versions 2 and 3: what embedding caches and OME-Zarr images
 * are made of.
 *
 * <p>Reads raw, zlib, gzip, zstd, LZ4, Blosc and sharded chunks of integers and floats; writes
 * chunks in whatever an array is compressed with, new arrays in zstd. Knows nothing of images.
 *
 * <p>The Java libraries for Zarr (zarr-java, JZarr, N5) cannot be had from Maven Central with all
 * they depend on, and bring JNA or natives; this is the part of the format that is needed here,
 * over decompressors in plain Java.
 */
package io.github.microsam.zarr;

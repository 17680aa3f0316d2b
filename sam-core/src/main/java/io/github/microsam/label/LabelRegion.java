package io.github.microsam.label;

import net.imglib2.Interval;
import net.imglib2.RealPoint;

/**
 * One object of a label image.
 *
 * @param id the object's id, 1 to 2<sup>32</sup> − 1
 * @param size number of pixels
 * @param box smallest interval that holds the object. Like all of ImgLib2's intervals it ends with
 *     its last pixel, and its dimensions are the true width and height. (SAM's boxes end with the
 *     last pixel as well, but micro-sam takes max − min for their width, one too small.)
 * @param centroid mean position of the pixels
 */
public record LabelRegion(long id, long size, Interval box, RealPoint centroid) {}

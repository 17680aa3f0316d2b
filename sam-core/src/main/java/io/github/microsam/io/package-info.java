/**
 * Images and label images in files.
 *
 * <p>Files are read plane by plane into ImgLib2 images with axes (x, y) or (x, y, channel); TIFF,
 * PNG, JPEG, BMP and GIF come from the JDK's own readers. Whatever is written appears whole or not
 * at all.
 */
package io.github.microsam.io;

package io.github.microsam.weights;

import java.net.URI;

/**
 * A file that somebody has published, and by which it is known to be the right one.
 *
 * @param key its name in micro-sam's registry and in the cache, where it has no extension
 * @param source where it is
 * @param xxh128 the XXH3 128-bit hash of its content: 32 hexadecimal digits in lower case
 * @param approximateBytes its size within a few per cent
 */
public record PublishedFile(String key, URI source, String xxh128, long approximateBytes) {}

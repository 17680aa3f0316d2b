package io.github.microsam.weights.pickle;

/** Random access to bytes, such as those of a file. */
@FunctionalInterface
public interface ByteSource {

  /**
   * Reads all of the requested bytes.
   *
   * @param position of the first byte
   * @param into where they go
   * @param offset index of the first of them in {@code into}
   * @param length how many
   */
  void read(long position, byte[] into, int offset, int length);
}

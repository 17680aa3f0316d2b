package io.github.microsam.weights.pickle;

import java.nio.charset.StandardCharsets;

/** Reads a region of bytes from front to back through a small buffer. Not thread-safe. */
public final class PickleInput {
  private static final int BUFFER = 1 << 16;
  private static final int LONGEST_LINE = 4096;

  private final ByteSource source;
  private final long start;
  private final long end;
  private final byte[] buffer;
  private long bufferStart;
  private int next;
  private int filled;

  /**
   * A region of a source.
   *
   * @param source where bytes come from
   * @param start position of the first byte
   * @param end position after the last byte
   */
  public PickleInput(ByteSource source, long start, long end) {
    this.source = source;
    this.start = start;
    this.end = end;
    this.buffer = new byte[(int) Math.min(BUFFER, end - start)];
    this.bufferStart = start;
  }

  /**
   * Bytes in memory.
   *
   * @param bytes all of them; not copied
   */
  public PickleInput(byte[] bytes) {
    this(
        (position, into, o, n) -> System.arraycopy(bytes, (int) position, into, o, n),
        0,
        bytes.length);
  }

  /**
   * Where the next byte comes from.
   *
   * @return a position in the source
   */
  public long position() {
    return bufferStart + next;
  }

  /**
   * How many bytes are left.
   *
   * @return at least 0
   */
  public long remaining() {
    return end - position();
  }

  /**
   * The next byte.
   *
   * @return 0 to 255
   */
  public int unsignedByte() {
    if (next == filled) {
      refill();
    }
    return buffer[next++] & 0xff;
  }

  private void refill() {
    require(1);
    bufferStart += filled;
    next = 0;
    filled = (int) Math.min(buffer.length, end - bufferStart);
    source.read(bufferStart, buffer, 0, filled);
  }

  /**
   * The next bytes.
   *
   * @param count how many; checked against what is left before anything is allocated
   * @return a new array
   */
  public byte[] bytes(long count) {
    require(count);
    byte[] out = new byte[(int) count];
    int buffered = Math.min(out.length, filled - next);
    System.arraycopy(buffer, next, out, 0, buffered);
    next += buffered;
    if (buffered < out.length) {
      long from = position();
      source.read(from, out, buffered, out.length - buffered);
      bufferStart = from + out.length - buffered;
      next = 0;
      filled = 0;
    }
    return out;
  }

  /**
   * Fails unless that many bytes are left.
   *
   * @param count how many are about to be read
   */
  public void require(long count) {
    if (count < 0 || count > Integer.MAX_VALUE - 16) {
      throw new PickleException(
          "the pickle declares " + Long.toUnsignedString(count) + " bytes in one object" + at());
    }
    if (count > remaining()) {
      throw new PickleException(
          String.format(
              "the file is truncated: its pickle needs %d bytes more%s, and %d are left",
              count, at(), remaining()));
    }
  }

  /**
   * An integer, little-endian.
   *
   * @param size bytes, 1 to 8
   * @return its value, unsigned where smaller than 8 bytes
   */
  public long unsigned(int size) {
    require(size);
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (long) unsignedByte() << (8 * i);
    }
    return value;
  }

  /**
   * Text up to the end of the line.
   *
   * @return the text without its line feed
   */
  public String line() {
    byte[] line = new byte[LONGEST_LINE];
    for (int i = 0; i < line.length; i++) {
      line[i] = (byte) unsignedByte();
      if (line[i] == '\n') {
        return new String(line, 0, i, StandardCharsets.UTF_8);
      }
    }
    throw new PickleException(
        "the pickle has a line of more than " + LONGEST_LINE + " bytes" + at());
  }

  /**
   * Says where reading has come to.
   *
   * @return words that end a message
   */
  public String at() {
    return " (byte " + (position() - start) + " of the pickle)";
  }
}

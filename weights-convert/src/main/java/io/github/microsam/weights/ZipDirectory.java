package io.github.microsam.weights;

import io.github.microsam.weights.pickle.HeapBudget;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The directory of a zip file, with the position of every entry's bytes in the file. Everything it
 * says is checked against the file: records lie where they should, entries are within the file and
 * do not overlap. Checksums are not, because torch can be told not to write them.
 *
 * <p>Formats: PKWARE's APPNOTE.TXT, sections 4.3 and 4.5.3.
 */
final class ZipDirectory {
  private static final int LOCAL_HEADER = 0x04034b50;
  private static final int CENTRAL_HEADER = 0x02014b50;
  private static final int END = 0x06054b50;
  private static final int END_64 = 0x06064b50;
  private static final int LOCATOR_64 = 0x07064b50;
  private static final int END_SIZE = 22;
  private static final int END_64_SIZE = 56;
  private static final int LOCATOR_SIZE = 20;
  private static final int LOCAL_SIZE = 30;
  private static final int CENTRAL_SIZE = 46;
  private static final int LONGEST_COMMENT = 0xffff;
  private static final int ENCRYPTED = 1;
  private static final long IN_64 = 0xffffffffL;

  /**
   * An entry.
   *
   * @param name its name
   * @param isEncrypted whether a password is needed
   * @param method 0 if stored, 8 if deflated
   * @param header position of its local header
   * @param data its bytes as they are in the file
   * @param size its size when decompressed
   */
  record Entry(String name, boolean isEncrypted, int method, long header, Extent data, long size) {}

  private final MappedFile file;
  private final HeapBudget budget;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private ZipDirectory(MappedFile file, HeapBudget budget) {
    this.file = file;
    this.budget = budget;
  }

  /** The entries by name, in the order of the directory. */
  static Map<String, Entry> read(MappedFile file, HeapBudget budget) {
    ZipDirectory directory = new ZipDirectory(file, budget);
    Extent central = directory.findCentral();
    directory.readCentral(central);
    directory.checkOverlaps(central);
    return Collections.unmodifiableMap(directory.entries);
  }

  private Extent findCentral() {
    int tailSize = (int) Math.min(file.size(), END_SIZE + LONGEST_COMMENT);
    long tailStart = file.size() - tailSize;
    ByteBuffer tail = read(tailStart, tailSize);
    for (int i = tailSize - END_SIZE; i >= 0; i--) {
      if (tail.getInt(i) == END && i + END_SIZE + unsignedShort(tail, i + 20) == tailSize) {
        return central(tailStart + i, tail.slice(i, END_SIZE).order(ByteOrder.LITTLE_ENDIAN));
      }
    }
    throw new CheckpointException(
        String.format(
            "the file is truncated: it starts as a zip file, and its %,d bytes do not end with a"
                + " zip directory; copy or download it again",
            file.size()));
  }

  private Extent central(long endPosition, ByteBuffer end) {
    long size = end.getInt(12) & IN_64;
    long position = end.getInt(16) & IN_64;
    long limit = endPosition;
    long locatorPosition = endPosition - LOCATOR_SIZE;
    if (locatorPosition >= 0) {
      ByteBuffer locator = read(locatorPosition, LOCATOR_SIZE);
      if (locator.getInt(0) == LOCATOR_64) {
        limit = locator.getLong(8);
        if (limit < 0 || limit > locatorPosition - END_64_SIZE) {
          throw outside(limit, END_64_SIZE);
        }
        ByteBuffer end64 = read(limit, END_64_SIZE);
        if (end64.getInt(0) != END_64) {
          throw new CheckpointException("its zip64 directory is not where it should be");
        }
        size = end64.getLong(40);
        position = end64.getLong(48);
      }
    }
    if (position < 0 || size < 0 || position > limit || size > limit - position) {
      throw outside(position, size);
    }
    return new Extent(position, size);
  }

  private CheckpointException outside(long position, long size) {
    return new CheckpointException(
        String.format(
            "its central directory points outside: %s bytes at %s of %,d",
            Long.toUnsignedString(size), Long.toUnsignedString(position), file.size()));
  }

  private void readCentral(Extent central) {
    budget.charge(central.byteSize());
    ByteBuffer in = read(central.position(), Math.toIntExact(central.byteSize()));
    while (in.hasRemaining()) {
      int start = in.position();
      if (in.remaining() < CENTRAL_SIZE || in.getInt(start) != CENTRAL_HEADER) {
        throw new CheckpointException(
            "its central directory is corrupt at entry " + (entries.size() + 1));
      }
      int nameSize = unsignedShort(in, start + 28);
      int extraSize = unsignedShort(in, start + 30);
      int size = CENTRAL_SIZE + nameSize + extraSize + unsignedShort(in, start + 32);
      if (size > in.remaining()) {
        throw new CheckpointException(
            "its central directory is cut off in entry " + (entries.size() + 1));
      }
      budget.charge(512 + 2L * nameSize);
      String name = text(in, start + CENTRAL_SIZE, nameSize);
      Entry entry = entry(name, in, start, nameSize, extraSize, central.position());
      if (entries.put(name, entry) != null) {
        throw new CheckpointException("it has two entries called " + name);
      }
      in.position(start + size);
    }
  }

  private Entry entry(
      String name, ByteBuffer in, int start, int nameSize, int extraSize, long limit) {
    long size = in.getInt(start + 24) & IN_64;
    long stored = in.getInt(start + 20) & IN_64;
    long header = in.getInt(start + 42) & IN_64;
    ByteBuffer extra =
        in.slice(start + CENTRAL_SIZE + nameSize, extraSize).order(ByteOrder.LITTLE_ENDIAN);
    if ((size == IN_64 || stored == IN_64 || header == IN_64) && seekZip64(extra)) {
      size = wide(size, extra);
      stored = wide(stored, extra);
      header = wide(header, extra);
    }
    int flags = unsignedShort(in, start + 8);
    int method = unsignedShort(in, start + 10);
    long data = dataPosition(name, header, nameSize, limit);
    if (stored < 0 || stored > limit - data || size < 0 || (method == 0 && size != stored)) {
      throw new CheckpointException(
          String.format(
              "its entry %s declares %s bytes at %,d, outside of the file or in contradiction to"
                  + " its own size of %s",
              name, Long.toUnsignedString(stored), data, Long.toUnsignedString(size)));
    }
    return new Entry(
        name, (flags & ENCRYPTED) != 0, method, header, new Extent(data, stored), size);
  }

  /** Leaves the buffer at the values of the zip64 field, if there is one. */
  private static boolean seekZip64(ByteBuffer extra) {
    while (extra.remaining() >= 4) {
      int id = Short.toUnsignedInt(extra.getShort());
      int size = Math.min(Short.toUnsignedInt(extra.getShort()), extra.remaining());
      if (id == 1) {
        extra.limit(extra.position() + size);
        return true;
      }
      extra.position(extra.position() + size);
    }
    return false;
  }

  private static long wide(long value, ByteBuffer zip64) {
    return value == IN_64 && zip64.remaining() >= 8 ? zip64.getLong() : value;
  }

  /** The sizes of the two names and extra fields can differ, so only the local header tells. */
  private long dataPosition(String name, long header, int nameSize, long limit) {
    if (header < 0 || header > limit - LOCAL_SIZE - nameSize) {
      throw new CheckpointException("its entry " + name + " points outside of the file");
    }
    ByteBuffer local = read(header, LOCAL_SIZE + nameSize);
    if (local.getInt(0) != LOCAL_HEADER
        || unsignedShort(local, 26) != nameSize
        || !name.equals(text(local, LOCAL_SIZE, nameSize))) {
      throw new CheckpointException("its entry " + name + " points to something else");
    }
    return header + LOCAL_SIZE + nameSize + unsignedShort(local, 28);
  }

  private void checkOverlaps(Extent central) {
    List<Entry> ordered =
        entries.values().stream().sorted(Comparator.comparingLong(Entry::header)).toList();
    for (int i = 0; i < ordered.size(); i++) {
      Entry e = ordered.get(i);
      long next = i + 1 < ordered.size() ? ordered.get(i + 1).header() : central.position();
      if (e.data().position() + e.data().byteSize() > next) {
        throw new CheckpointException("its entry " + e.name() + " overlaps what follows it");
      }
    }
  }

  private ByteBuffer read(long position, int size) {
    return ByteBuffer.wrap(file.read(position, size)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String text(ByteBuffer buffer, int index, int size) {
    byte[] bytes = new byte[size];
    buffer.get(index, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static int unsignedShort(ByteBuffer buffer, int index) {
    return Short.toUnsignedInt(buffer.getShort(index));
  }
}

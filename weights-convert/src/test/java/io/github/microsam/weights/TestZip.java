package io.github.microsam.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;

/** Writes zip files with every freedom that the format leaves, and with lies if wanted. */
final class TestZip {
  private static final int DESCRIPTOR = 8;
  private static final int DESCRIPTOR_MAGIC = 0x08074b50;

  private record Segment(long position, ByteBuffer bytes) {}

  private final List<Segment> segments = new ArrayList<>();
  private long size;
  private final List<ByteBuffer> central = new ArrayList<>();
  private boolean zip64;
  private boolean descriptors;
  private int alignment = 1;
  private String comment = "";

  TestZip zip64() {
    zip64 = true;
    return this;
  }

  TestZip descriptors() {
    descriptors = true;
    return this;
  }

  TestZip aligned(int bytes) {
    alignment = bytes;
    return this;
  }

  TestZip comment(String text) {
    comment = text;
    return this;
  }

  private void append(byte[] bytes) {
    append(ByteBuffer.wrap(bytes));
  }

  /** Appends all of the buffer, wherever its position is. */
  private void append(ByteBuffer bytes) {
    segments.add(new Segment(size, bytes.clear()));
    size += bytes.capacity();
  }

  TestZip add(String name, byte[] content) {
    return add(name, content.length, content, 0, 0, size);
  }

  /** A stored entry of zeros that take no space on the disk. */
  TestZip addHole(String name, long bytes) {
    long header = size;
    add(name, bytes, new byte[0], 0, 0, header);
    size += bytes;
    central.set(
        central.size() - 1,
        record(name.getBytes(StandardCharsets.UTF_8), 0, 0, bytes, bytes, header));
    return this;
  }

  TestZip addDeflated(String name, byte[] content) {
    Deflater deflater = new Deflater(9, true);
    deflater.setInput(content);
    deflater.finish();
    byte[] packed = new byte[content.length + 100];
    int n = deflater.deflate(packed);
    deflater.end();
    return add(name, content.length, Arrays.copyOf(packed, n), 8, 0, size);
  }

  TestZip addEncrypted(String name, byte[] content) {
    return add(name, content.length, content, 0, 1, size);
  }

  /** An entry whose directory record claims another position. */
  TestZip addAt(String name, byte[] content, long claimed) {
    return add(name, content.length, content, 0, 0, claimed);
  }

  /** A second record for bytes that lie in the file already, with their local header. */
  TestZip aliasOf(String name, byte[] content, long header) {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    central.add(record(utf8, 0, 0, content.length, content.length, header));
    return this;
  }

  private TestZip add(
      String name, long unpacked, byte[] stored, int method, int flags, long claimed) {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    int flag = flags | (descriptors ? DESCRIPTOR : 0);
    long dataStart = size + 30 + utf8.length + 4;
    int padding = (int) ((alignment - dataStart % alignment) % alignment);
    ByteBuffer local = little(30 + utf8.length + 4 + padding);
    local.putInt(0x04034b50).putShort((short) 20).putShort((short) flag).putShort((short) method);
    local.putInt(0).putInt(0);
    local.putInt(descriptors ? 0 : stored.length).putInt(descriptors ? 0 : (int) unpacked);
    local.putShort((short) utf8.length).putShort((short) (4 + padding)).put(utf8);
    local.putShort((short) 0x4246).putShort((short) padding);
    append(local);
    append(stored);
    if (descriptors) {
      ByteBuffer descriptor = little(16).putInt(DESCRIPTOR_MAGIC).putInt(0);
      append(descriptor.putInt(stored.length).putInt((int) unpacked));
    }
    central.add(record(utf8, flag, method, stored.length, unpacked, claimed));
    return this;
  }

  private ByteBuffer record(
      byte[] name, int flags, int method, long stored, long size, long position) {
    ByteBuffer record = little(46 + name.length + (zip64 ? 28 : 0));
    record.putInt(0x02014b50).putInt(20).putShort((short) flags).putShort((short) method);
    record.putInt(0).putInt(0);
    record.putInt(zip64 ? -1 : (int) stored).putInt(zip64 ? -1 : (int) size);
    record.putShort((short) name.length).putShort((short) (zip64 ? 28 : 0));
    record.putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0);
    record.putInt(zip64 ? -1 : (int) position).put(name);
    if (zip64) {
      record.putShort((short) 1).putShort((short) 24).putLong(size).putLong(stored);
      record.putLong(position);
    }
    return record;
  }

  byte[] bytes() {
    long start = size;
    central.forEach(this::append);
    return directory(start, size - start).all();
  }

  /** The file with a directory that claims to lie somewhere else. */
  byte[] bytes(long claimedStart, long claimedSize) {
    central.forEach(this::append);
    return directory(claimedStart, claimedSize).all();
  }

  private TestZip directory(long start, long length) {
    int count = central.size();
    if (zip64) {
      ByteBuffer record = little(76);
      record.putInt(0x06064b50).putLong(44).putInt(0).putInt(0).putInt(0);
      record.putLong(count).putLong(count).putLong(length).putLong(start);
      record.putInt(0x07064b50).putInt(0).putLong(size).putInt(1);
      append(record);
    }
    ByteBuffer end = little(22 + comment.length());
    end.putInt(0x06054b50).putInt(0).putShort((short) count).putShort((short) count);
    end.putInt(zip64 ? -1 : (int) length).putInt(zip64 ? -1 : (int) start);
    end.putShort((short) comment.length()).put(comment.getBytes(StandardCharsets.US_ASCII));
    append(end);
    return this;
  }

  private byte[] all() {
    byte[] bytes = new byte[(int) size];
    ByteBuffer all = ByteBuffer.wrap(bytes);
    for (Segment segment : segments) {
      all.put((int) segment.position(), segment.bytes(), 0, segment.bytes().capacity());
    }
    return bytes;
  }

  /** Writes the file, leaving its holes out. */
  Path write(Path file) throws IOException {
    long start = size;
    central.forEach(this::append);
    directory(start, size - start);
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (Segment segment : segments) {
        ByteBuffer bytes = segment.bytes().duplicate();
        for (long at = segment.position(); bytes.hasRemaining(); ) {
          at += out.write(bytes, at);
        }
      }
    }
    return file;
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A file of torch.save with this pickle and one storage. */
  static TestZip torch(byte[] pickle, byte[] storage) {
    return new TestZip()
        .add("archive/data.pkl", pickle)
        .add("archive/data/0", storage)
        .add("archive/version", new byte[] {'3', '\n'});
  }
}

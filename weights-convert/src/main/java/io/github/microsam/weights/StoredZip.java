package io.github.microsam.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * A zip file of stored records whose contents start at multiples of 64 bytes, as PyTorch writes and
 * maps them. Records of known size and unknown checksum are streamed once: the checksum is patched
 * into the header that stands before them. Zip64 fields appear where sizes, offsets or counts need
 * them (.ZIP File Format Specification 6.3.9, sections 4.3 and 4.5.3).
 */
final class StoredZip {
  private static final int ALIGNMENT = 64;
  private static final int LOCAL_HEADER = 30;
  private static final int CRC_IN_LOCAL_HEADER = 14;
  private static final int ZIP64_EXTRA = 1;

  /** The extra field that PyTorch pads with: the letters FB. */
  private static final int PADDING_EXTRA = 0x4246;

  private static final short VERSION = 45;
  private static final short UTF8_NAMES = 1 << 11;

  /** 1 January 1980, the earliest there is, so that equal tensors give equal files. */
  private static final short DATE = 0x21;

  private static final long MAX_32 = 0xffffffffL;
  private static final int MAX_16 = 0xffff;

  private record Entry(String name, long offset, long size, long crc) {
    byte[] utf8() {
      return name.getBytes(StandardCharsets.UTF_8);
    }
  }

  private final FileChannel file;
  private final List<Entry> entries = new ArrayList<>();

  /** Starts a zip at the channel's position, which is 0 for a new file. */
  StoredZip(FileChannel file) {
    this.file = file;
  }

  /** Adds a record of bytes that are at hand. */
  void add(String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    Entry entry = start(name, content.length, crc.getValue());
    TensorSink.writeAll(file, ByteBuffer.wrap(content));
    entries.add(entry);
  }

  /** Adds a record with the elements of a tensor. */
  void add(String name, Tensor tensor, TensorSink sink) throws IOException {
    Entry entry = start(name, tensor.byteSize(), 0);
    long crc = sink.accept(tensor, true);
    ByteBuffer patch = little(4).putInt((int) crc).flip();
    file.write(patch, entry.offset() + CRC_IN_LOCAL_HEADER);
    entries.add(new Entry(entry.name(), entry.offset(), entry.size(), crc));
  }

  private Entry start(String name, long size, long crc) throws IOException {
    Entry entry = new Entry(name, file.position(), size, crc);
    byte[] utf8 = entry.utf8();
    boolean large = size >= MAX_32;
    int zip64 = large ? 4 + 16 : 0;
    long unpadded = entry.offset() + LOCAL_HEADER + utf8.length + zip64 + 4;
    int padding = (int) (-unpadded & (ALIGNMENT - 1));
    ByteBuffer header = little(LOCAL_HEADER + utf8.length + zip64 + 4 + padding);
    header.putInt(0x04034b50);
    putCommon(header, entry, large);
    header.putShort((short) (zip64 + 4 + padding)).put(utf8);
    if (large) {
      header.putShort((short) ZIP64_EXTRA).putShort((short) 16).putLong(size).putLong(size);
    }
    header.putShort((short) PADDING_EXTRA).putShort((short) padding);
    while (header.hasRemaining()) {
      header.put((byte) 'Z');
    }
    TensorSink.writeAll(file, header.flip());
    return entry;
  }

  /**
   * The fields that local and central headers share, from "version needed" to the name's length.
   */
  private static void putCommon(ByteBuffer header, Entry entry, boolean large) {
    header.putShort(large ? VERSION : 20).putShort(UTF8_NAMES);
    header.putShort((short) 0).putShort((short) 0).putShort(DATE); // stored, midnight
    header.putInt((int) entry.crc());
    int size = large ? (int) MAX_32 : (int) entry.size();
    header.putInt(size).putInt(size).putShort((short) entry.utf8().length);
  }

  /** Writes the directory. */
  void finish() throws IOException {
    long start = file.position();
    for (Entry entry : entries) {
      TensorSink.writeAll(file, directoryEntry(entry));
    }
    TensorSink.writeAll(file, end(start, file.position() - start));
  }

  private static ByteBuffer directoryEntry(Entry entry) {
    boolean large = entry.size() >= MAX_32;
    boolean far = entry.offset() >= MAX_32;
    int fields = (large ? 16 : 0) + (far ? 8 : 0);
    int extra = fields == 0 ? 0 : 4 + fields;
    ByteBuffer header = little(46 + entry.utf8().length + extra);
    header.putInt(0x02014b50).putShort(VERSION);
    putCommon(header, entry, large);
    header.putShort((short) extra).putShort((short) 0).putShort((short) 0).putShort((short) 0);
    header.putInt(0).putInt(far ? (int) MAX_32 : (int) entry.offset()).put(entry.utf8());
    if (extra > 0) {
      header.putShort((short) ZIP64_EXTRA).putShort((short) fields);
    }
    if (large) {
      header.putLong(entry.size()).putLong(entry.size());
    }
    if (far) {
      header.putLong(entry.offset());
    }
    return header.flip();
  }

  private ByteBuffer end(long start, long size) {
    int count = entries.size();
    ByteBuffer end = little(56 + 20 + 22);
    if (start >= MAX_32 || size >= MAX_32 || count >= MAX_16) {
      end.putInt(0x06064b50).putLong(44).putShort(VERSION).putShort(VERSION).putInt(0).putInt(0);
      end.putLong(count).putLong(count).putLong(size).putLong(start);
      end.putInt(0x07064b50).putInt(0).putLong(start + size).putInt(1);
    }
    short shortCount = (short) Math.min(count, MAX_16);
    end.putInt(0x06054b50).putInt(0).putShort(shortCount).putShort(shortCount);
    end.putInt((int) Math.min(size, MAX_32)).putInt((int) Math.min(start, MAX_32));
    return end.putShort((short) 0).flip();
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}

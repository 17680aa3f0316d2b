package io.github.microsam.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * A program that {@link SmallHeapTest} runs with a heap of 64 MB: it uses hostile files, or random
 * mutations of good ones.
 */
final class SmallHeap {
  private static final int[] INTERESTING = {0, 1, 0x7f, 0x80, 0xff, '(', ')', '.', 'R', 'b', 'Q'};

  private int read;
  private int refused;

  private SmallHeap() {}

  /** Arguments: how many mutations, of which files; 0 uses the files as they are. */
  public static void main(String[] args) throws IOException {
    SmallHeap run = new SmallHeap();
    List<Path> files = Stream.of(args).skip(1).map(Path::of).toList();
    int mutations = Integer.parseInt(args[0]);
    if (mutations > 0) {
      run.mutate(mutations, files);
    }
    for (Path file : mutations > 0 ? List.<Path>of() : files) {
      long start = System.nanoTime();
      System.out.print(file.getFileName());
      run.use(file);
      System.out.printf(": %d ms%n", (System.nanoTime() - start) / 1_000_000);
    }
    System.out.println(run.read + " read, " + run.refused + " refused");
  }

  /** Opens a file and reads all that is in it; anything but a refusal or a success escapes. */
  private void use(Path file) throws IOException {
    try (Checkpoint checkpoint = CheckpointReader.open(file)) {
      for (Tensor tensor : checkpoint.tensors().values()) {
        use(tensor);
      }
      read++;
    } catch (CheckpointException e) {
      refused++;
    }
  }

  private static void use(Tensor tensor) throws IOException {
    if (tensor.byteSize() > 8 << 20) {
      return; // an expanded view may be larger than the heap, which reading it says
    }
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    tensor.writeTo(Channels.newChannel(written));
    ByteBuffer all = tensor.read();
    if (!all.equals(ByteBuffer.wrap(written.toByteArray()))
        || all.remaining() != tensor.byteSize()
        || tensor.toFloats().length != tensor.elementCount()) {
      throw new AssertionError("two readings of " + tensor + " differ");
    }
  }

  // Mutations.

  private void mutate(int count, List<Path> files) throws IOException {
    Path mutated = Files.createTempFile("mutant", ".pt");
    byte[][] originals = new byte[files.size()][];
    for (int i = 0; i < originals.length; i++) {
      originals[i] = Files.readAllBytes(files.get(i));
    }
    for (int seed = 0; seed < count; seed++) {
      byte[] mutant = mutant(originals[seed % originals.length], new SplittableRandom(seed));
      try {
        use(Files.write(mutated, mutant));
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + " of " + files.get(seed % originals.length), e);
      }
    }
    Files.delete(mutated);
  }

  private static byte[] mutant(byte[] original, SplittableRandom random) {
    byte[] bytes = original.clone();
    int changes = 1 + random.nextInt(1 + random.nextInt(8));
    for (int i = 0; i < changes && bytes.length > 0; i++) {
      bytes = change(bytes, place(bytes.length, random), random);
    }
    return bytes;
  }

  /** Mostly where the structure is: pickles and headers are in front, directories at the end. */
  private static int place(int length, SplittableRandom random) {
    int part = Math.min(length, 6000);
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(length);
      case 1 -> length - 1 - random.nextInt(part);
      default -> random.nextInt(part);
    };
  }

  private static byte[] change(byte[] bytes, int at, SplittableRandom random) {
    switch (random.nextInt(9)) {
      case 0, 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> bytes[at] = (byte) random.nextInt(256);
      case 3 -> bytes[at] = (byte) INTERESTING[random.nextInt(INTERESTING.length)];
      case 4 -> bytes[at] += (byte) (random.nextBoolean() ? 1 : -1);
      case 5 -> {
        byte[] number = new byte[8];
        long value = random.nextLong() >> random.nextInt(64);
        ByteBuffer.wrap(number).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
        int n = Math.min(1 << random.nextInt(4), bytes.length - at);
        System.arraycopy(number, 0, bytes, at, n);
      }
      case 6 -> {
        int from = place(bytes.length, random);
        int n = Math.min(random.nextInt(64), bytes.length - Math.max(at, from));
        System.arraycopy(bytes, from, bytes, at, n);
      }
      case 7 -> {
        int n = Math.min(random.nextInt(16), bytes.length - at);
        byte[] shorter = new byte[bytes.length - n];
        System.arraycopy(bytes, 0, shorter, 0, at);
        System.arraycopy(bytes, at + n, shorter, at, shorter.length - at);
        return shorter;
      }
      default -> {
        if (random.nextInt(4) == 0) {
          return Arrays.copyOf(bytes, at);
        }
        byte[] longer = new byte[bytes.length + random.nextInt(16)];
        System.arraycopy(bytes, 0, longer, 0, at);
        System.arraycopy(bytes, at, longer, longer.length - bytes.length + at, bytes.length - at);
        return longer;
      }
    }
    return bytes;
  }
}

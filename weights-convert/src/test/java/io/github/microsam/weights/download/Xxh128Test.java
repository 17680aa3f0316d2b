package io.github.microsam.weights.download;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Xxh128Test {
  @TempDir Path folder;

  @Test
  void hashesAreThoseOfXxh128sum() throws IOException {
    // Published test values of the reference implementation.
    assertEquals("99aa06d3014798d86001c324468d497f", hash(""));
    assertEquals("06b05ab6733a618578af5f94892f3950", hash("abc"));
  }

  @Test
  void aFileLargerThanTheBufferIsHashedWhole() throws IOException {
    byte[] content = new byte[(1 << 18) + 1];
    Path file = Files.write(folder.resolve("large"), content);
    String before = Xxh128.of(file);
    content[content.length - 1] = 1;
    Files.write(file, content);
    assertEquals(32, before.length());
    assertEquals(false, before.equals(Xxh128.of(file)));
  }

  private String hash(String content) throws IOException {
    return Xxh128.of(Files.write(folder.resolve("file"), content.getBytes(StandardCharsets.UTF_8)));
  }
}

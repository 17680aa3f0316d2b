package io.github.microsam.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {
  @TempDir Path folder;

  @Test
  void aFailureLeavesTheOldFileAndNothingElse() throws Exception {
    Path path = folder.resolve("a.txt");
    WholeFile.write(path, temporary -> Files.writeString(temporary, "old"));
    assertThrows(
        UncheckedIOException.class,
        () ->
            WholeFile.write(
                path,
                temporary -> {
                  Files.writeString(temporary, "half");
                  throw new IOException("disk full");
                }));
    assertEquals("old", Files.readString(path));
    assertOnly(path);
  }

  @Test
  void theNewFileReplacesTheOldOne() throws Exception {
    Path path = folder.resolve("a.txt");
    WholeFile.write(path, temporary -> Files.writeString(temporary, "old"));
    WholeFile.write(path, temporary -> Files.writeString(temporary, "new"));
    assertEquals("new", Files.readString(path));
    assertOnly(path);
  }

  @Test
  void aFolderThatIsAFileIsTold() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThrows(
        UncheckedIOException.class,
        () ->
            WholeFile.write(file.resolve("a.txt"), temporary -> Files.writeString(temporary, "")));
  }

  private void assertOnly(Path path) throws IOException {
    try (var left = Files.list(folder)) {
      assertEquals(List.of(path), left.toList());
    }
  }
}

package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Expected folders are those that platformdirs 4 gives Python. */
class CacheFolderTest {
  private static final Path HOME = Path.of("/home/ada");

  @Test
  void linuxUsesTheXdgCacheOrTheHiddenFolder() {
    assertEquals(HOME.resolve(".cache/micro_sam"), of("Linux", Map.of()));
    assertEquals(Path.of("/scratch/micro_sam"), of("Linux", Map.of("XDG_CACHE_HOME", "/scratch")));
    assertEquals(
        HOME.resolve(".cache/micro_sam"),
        of("Linux", Map.of("XDG_CACHE_HOME", "relative")),
        "a relative path is ignored");
    assertEquals(Path.of("/h/.cache/micro_sam"), of("Linux", Map.of("HOME", "/h")));
  }

  @Test
  void macUsesTheLibrary() {
    assertEquals(HOME.resolve("Library/Caches/micro_sam"), of("Mac OS X", Map.of()));
    assertEquals(Path.of("/x/micro_sam"), of("Mac OS X", Map.of("XDG_CACHE_HOME", "/x")));
  }

  @Test
  void windowsNamesAuthorApplicationAndCache() {
    assertEquals(
        Path.of("/local/micro_sam/micro_sam/Cache"),
        of("Windows 11", Map.of("LOCALAPPDATA", "/local", "XDG_CACHE_HOME", "/x")));
    assertEquals(
        HOME.resolve("AppData/Local/micro_sam/micro_sam/Cache"), of("Windows 11", Map.of()));
  }

  @Test
  void theVariableOfMicroSamWinsEverywhere() {
    for (String system : new String[] {"Linux", "Mac OS X", "Windows 11"}) {
      assertEquals(Path.of("/models"), of(system, Map.of("MICROSAM_CACHEDIR", "/models")));
      assertEquals(HOME.resolve("m"), of(system, Map.of("MICROSAM_CACHEDIR", "~/m")));
    }
    assertEquals(HOME.resolve(".cache/micro_sam"), of("Linux", Map.of("MICROSAM_CACHEDIR", "")));
  }

  private static Path of(String system, Map<String, String> environment) {
    return CacheFolder.of(environment, system, HOME.toString());
  }
}

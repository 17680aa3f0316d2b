package io.github.microsam.weights;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Where micro-sam keeps its downloads, found by the rules of its Python code: the environment
 * variable {@code MICROSAM_CACHEDIR}, else what {@code pooch.os_cache("micro_sam")} gives, which is
 * {@code platformdirs.user_cache_dir("micro_sam")}:
 *
 * <ul>
 *   <li>Linux: {@code $XDG_CACHE_HOME/micro_sam} if that is an absolute path, else {@code
 *       ~/.cache/micro_sam};
 *   <li>macOS: likewise, else {@code ~/Library/Caches/micro_sam};
 *   <li>Windows: {@code %LOCALAPPDATA%\micro_sam\micro_sam\Cache} (author, application, cache).
 * </ul>
 */
final class CacheFolder {
  private static final String VARIABLE = "MICROSAM_CACHEDIR";
  private static final String NAME = "micro_sam";

  private CacheFolder() {}

  /** The folder for this process; it need not exist. */
  static Path ofEnvironment() {
    return of(System.getenv(), System.getProperty("os.name"), System.getProperty("user.home"));
  }

  static Path of(Map<String, String> environment, String system, String userHome) {
    String os = system.toLowerCase(Locale.ROOT);
    boolean windows = os.startsWith("windows");
    Path home = Path.of(windows ? userHome : value(environment, "HOME").orElse(userHome));
    Optional<String> chosen = value(environment, VARIABLE);
    if (chosen.isPresent()) {
      return expand(chosen.get(), home);
    }
    if (windows) {
      Path local =
          value(environment, "LOCALAPPDATA")
              .map(Path::of)
              .orElseGet(() -> home.resolve("AppData").resolve("Local"));
      return local.resolve(NAME).resolve(NAME).resolve("Cache");
    }
    Path otherwise =
        os.startsWith("mac") ? home.resolve("Library").resolve("Caches") : home.resolve(".cache");
    return value(environment, "XDG_CACHE_HOME")
        .map(String::strip)
        .map(Path::of)
        .filter(Path::isAbsolute)
        .orElse(otherwise)
        .resolve(NAME);
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).filter(v -> !v.isEmpty());
  }

  /** pooch expands a leading tilde, and so does this. */
  private static Path expand(String path, Path home) {
    if (path.equals("~")) {
      return home;
    }
    return path.startsWith("~/") ? home.resolve(path.substring(2)) : Path.of(path);
  }
}

package io.github.microsam.bench;

import io.github.microsam.engine.EngineOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/** What a run was made on: processor, threads, versions. */
final class Surroundings {
  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

  private Surroundings() {}

  /** One line for people, without semicolons in its parts. */
  static String describe() {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("processor", processor());
    parts.put("threads", Integer.toString(EngineOptions.defaults().threads()));
    parts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    parts.put("Java", System.getProperty("java.version"));
    parts.put("ND4J", version("org.nd4j", "nd4j-api"));
    parts.put("oneDNN", version("org.bytedeco", "dnnl"));
    String onnxRuntime = ai.onnxruntime.OrtSession.class.getPackage().getImplementationVersion();
    parts.put("ONNX Runtime", onnxRuntime == null ? "unknown" : onnxRuntime);
    StringBuilder line = new StringBuilder();
    parts.forEach(
        (name, value) ->
            line.append(line.length() == 0 ? "" : "; ").append(name).append(": ").append(value));
    return line.toString();
  }

  private static String processor() {
    try {
      if (!Files.exists(PROCESSOR)) {
        return System.getProperty("os.arch");
      }
      String name =
          Files.readAllLines(PROCESSOR).stream()
              .filter(line -> line.startsWith("model name"))
              .map(line -> line.substring(line.indexOf(':') + 1).trim())
              .findFirst()
              .orElse(System.getProperty("os.arch"));
      return name + extensions();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The instructions that decide how fast networks are. */
  private static String extensions() throws IOException {
    String flags =
        Files.readAllLines(PROCESSOR).stream()
            .filter(line -> line.startsWith("flags"))
            .findFirst()
            .orElse("");
    StringBuilder found = new StringBuilder();
    for (String flag : new String[] {"avx2", "avx512f", "avx512_bf16", "amx_bf16"}) {
      if ((flags + " ").contains(" " + flag + " ")) {
        found.append(' ').append(flag);
      }
    }
    return found.length() == 0 ? "" : " (" + found.substring(1) + ")";
  }

  /** As Maven has written it into the jar. */
  private static String version(String group, String artifact) {
    String resource = "/META-INF/maven/" + group + "/" + artifact + "/pom.properties";
    try (InputStream in = Surroundings.class.getResourceAsStream(resource)) {
      if (in == null) {
        return "unknown";
      }
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package io.github.microsam.weights.download;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A file of 3,000,000 bytes, a server for it, and a downloader that does not really wait. */
abstract class DownloadFixture {
  static final byte[] CONTENT = new byte[3_000_000];

  static {
    new Random(1).nextBytes(CONTENT);
  }

  @TempDir Path folder;
  Path target;
  String hash;
  ScriptedServer server;
  final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
  final List<String> notices = Collections.synchronizedList(new ArrayList<>());
  final DownloadListener listener =
      new DownloadListener() {
        @Override
        public void notice(String name, String message) {
          notices.add(message);
        }
      };
  DownloadOptions options = DownloadOptions.defaults().withStallTimeout(Duration.ofSeconds(10));

  @BeforeEach
  void hashContent() throws IOException {
    target = folder.resolve("models").resolve("vit_b");
    hash = Xxh128.of(Files.write(folder.resolve("content"), CONTENT));
  }

  @AfterEach
  void stop() throws IOException {
    if (server != null) {
      server.close();
    }
  }

  void serve(ScriptedServer.Script script) throws IOException {
    server = new ScriptedServer(script);
  }

  DownloadRequest request() {
    return request(server.uri("/vit_b"));
  }

  DownloadRequest request(URI source) {
    return new DownloadRequest("vit_b", source, target, hash, CONTENT.length);
  }

  void download() {
    download(request());
  }

  void download(DownloadRequest request) {
    new Downloader(options, pauses::add).download(request, listener);
  }

  String failure() {
    return failure(request());
  }

  String failure(DownloadRequest request) {
    return assertThrows(DownloadException.class, () -> download(request)).getMessage();
  }

  void assertDownloaded() throws IOException {
    assertArrayEquals(CONTENT, Files.readAllBytes(target));
    try (Stream<Path> files = Files.list(target.resolveSibling(".microsam"))) {
      assertEquals(
          List.of("vit_b.lock"), files.map(f -> f.getFileName().toString()).toList(), "left over");
    }
  }

  /** Begins of the ranges that were asked for. */
  List<Integer> starts() {
    return server.requests().stream().map(ScriptedServer.Request::rangeStart).toList();
  }
}

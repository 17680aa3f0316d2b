package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.github.microsam.weights.download.DownloadException;
import io.github.microsam.weights.download.DownloadListener;
import io.github.microsam.weights.download.DownloadOptions;
import io.github.microsam.weights.download.Xxh128;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCacheTest {
  @TempDir Path folder;
  private final AtomicInteger requests = new AtomicInteger();
  private HttpServer server;
  private ModelRegistry registry;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requests.incrementAndGet();
          byte[] body = exchange.getRequestURI().getPath().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    registry =
        ModelRegistry.of(
            List.of(
                new PublishedModel(
                    "vit_b_lm", "cells", file("vit_b_lm"), Optional.of(file("vit_b_lm_decoder"))),
                new PublishedModel("vit_b", "photographs", file("vit_b"), Optional.empty())));
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void aModelComesWithItsDecoderIntoTheLayoutOfMicroSam() throws IOException {
    ModelCache.ModelFiles files = cache(false).fetch("vit_b_lm", DownloadListener.SILENT);
    assertEquals(folder.resolve("models").resolve("vit_b_lm"), files.weights());
    assertEquals(
        Optional.of(folder.resolve("models").resolve("vit_b_lm_decoder")), files.decoder());
    assertEquals("/vit_b_lm_decoder", Files.readString(files.decoder().orElseThrow()));
    assertEquals(Optional.empty(), cache(false).fetch("vit_b", DownloadListener.SILENT).decoder());
  }

  @Test
  void whatPythonHasDownloadedIsFoundOffline() throws IOException {
    Files.createDirectories(folder.resolve("models"));
    Files.writeString(folder.resolve("models").resolve("vit_b"), "/vit_b");
    ModelCache cache = cache(true);
    assertTrue(cache.isCached(registry.model("vit_b")));
    assertFalse(cache.isCached(registry.model("vit_b_lm")));
    assertEquals(OptionalLong.of(6), cache.cachedBytes(registry.model("vit_b").weights()));
    cache.fetch("vit_b", DownloadListener.SILENT);
    assertThrows(DownloadException.class, () -> cache.fetch("vit_b_lm", DownloadListener.SILENT));
    assertEquals(0, requests.get());
  }

  @Test
  void aFileThatChangesUnderACacheIsNoticed() throws IOException {
    ModelCache cache = cache(false);
    Path weights = cache.fetch("vit_b", DownloadListener.SILENT).weights();
    cache.fetch("vit_b", DownloadListener.SILENT);
    assertEquals(1, requests.get());
    Files.writeString(weights, "damaged by something");
    cache.fetch("vit_b", DownloadListener.SILENT);
    assertEquals("/vit_b", Files.readString(weights));
    assertEquals(2, requests.get());
  }

  private ModelCache cache(boolean offline) {
    return new ModelCache(folder, registry, DownloadOptions.defaults().withOffline(offline));
  }

  /** A file whose content is the path of its address. */
  private PublishedFile file(String key) throws IOException {
    Path content = Files.writeString(folder.resolve("content"), "/" + key);
    URI source = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + key);
    return new PublishedFile(key, source, Xxh128.of(content), 10);
  }
}

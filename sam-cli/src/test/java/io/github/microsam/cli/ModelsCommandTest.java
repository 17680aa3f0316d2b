package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.github.microsam.weights.ModelCache;
import io.github.microsam.weights.ModelRegistry;
import io.github.microsam.weights.PublishedFile;
import io.github.microsam.weights.PublishedModel;
import io.github.microsam.weights.download.DownloadOptions;
import io.github.microsam.weights.download.Xxh128;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelsCommandTest {
  private static final byte[] CONTENT = new byte[1_500_000];

  @TempDir Path folder;
  private HttpServer server;
  private ModelRegistry registry;
  private DownloadOptions options = DownloadOptions.defaults();

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, CONTENT.length);
          exchange.getResponseBody().write(CONTENT);
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
  void theListSaysWhatIsHereAndHowLargeItIs() throws IOException {
    Files.createDirectories(folder.resolve("models"));
    Files.write(folder.resolve("models").resolve("vit_b_lm"), new byte[2_000_000]);
    Files.write(folder.resolve("models").resolve("vit_b"), new byte[3_000_000]);
    List<String> lines = run("models").output().lines().toList();
    assertEquals(List.of("vit_b_lm", "cells", "~3.0 MB", "without decoder"), cells(lines.get(2)));
    assertEquals(List.of("vit_b", "photographs", "3.0 MB", "yes"), cells(lines.get(3)));
    assertEquals("Cache: " + folder.resolve("models"), lines.get(lines.size() - 1));
  }

  @Test
  void thePublishedModelsFitTheirColumns() {
    ModelCache published = new ModelCache(folder, ModelRegistry.published(), options);
    List<String> lines = CommandRun.with(() -> published, "models").output().lines().toList();
    assertEquals(18, lines.size());
    lines.subList(1, 16).forEach(line -> assertEquals(4, cells(line).size(), line));
    assertEquals(
        List.of("vit_b_lm", "light microscopy: cells and nuclei", "~415.0 MB", "no"),
        cells(lines.get(7)));
  }

  @Test
  void theIncludedModelNeedsNoDownload() {
    List<String> nano = cells(run("models").output().lines().toList().get(1));
    assertEquals("nano", nano.get(0));
    assertEquals("included", nano.get(3));
    String error = run("models", "download", "nano").misuse();
    assertTrue(error.contains("nano is included: there is nothing to download"), error);
  }

  @Test
  void aDownloadPrintsThePathsOfItsFiles() throws IOException {
    CommandRun run = run("models", "download", "vit_b_lm");
    Path models = folder.resolve("models");
    assertEquals(
        models.resolve("vit_b_lm") + "\n" + models.resolve("vit_b_lm_decoder") + "\n",
        run.output());
    assertEquals(CONTENT.length, Files.size(models.resolve("vit_b_lm")));
    server.stop(0);
    assertEquals(run.out(), run("models", "download", "vit_b_lm").output(), "found again");
  }

  @Test
  void aMistypedNameDownloadsNothing() {
    String error = run("models", "download", "vit_b", "vit_b_ml").misuse();
    assertTrue(error.contains("\"vit_b_ml\"; there are: vit_b_lm, vit_b"), error);
    assertTrue(Files.notExists(folder.resolve("models")));
  }

  @Test
  void aFailedDownloadIsOneLineAndItsStackTraceIsOnRequest() {
    options = options.withOffline(true);
    String error = run("models", "download", "vit_b").failure();
    assertTrue(error.startsWith("microsam models download: vit_b is not there"), error);
    CommandRun verbose = run("models", "download", "vit_b", "--verbose");
    assertEquals(1, verbose.exitCode());
    assertTrue(verbose.err().contains("\tat io.github.microsam"), verbose.err());
  }

  private CommandRun run(Object... args) {
    return CommandRun.with(() -> new ModelCache(folder, registry, options), args);
  }

  private static List<String> cells(String line) {
    return List.of(line.strip().split(" {2,}", -1));
  }

  private PublishedFile file(String key) throws IOException {
    Path content = Files.write(folder.resolve("content"), CONTENT);
    URI source = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + key);
    return new PublishedFile(key, source, Xxh128.of(content), 1_000_000);
  }
}

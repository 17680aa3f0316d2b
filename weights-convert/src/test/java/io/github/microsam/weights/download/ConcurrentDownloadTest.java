package io.github.microsam.weights.download;

import static io.github.microsam.weights.download.ScriptedServer.head;
import static io.github.microsam.weights.download.ScriptedServer.range;
import static io.github.microsam.weights.download.ScriptedServer.whole;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several that want the same file. */
@Timeout(60)
class ConcurrentDownloadTest extends DownloadFixture {

  @Test
  void ofTwoProcessesOneDownloadsAndTheOtherFindsTheFile() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    serve(
        (request, out) -> {
          asked.countDown();
          release.await();
          whole(out, CONTENT);
        });
    Process first = start();
    asked.await();
    Process second = start();
    try (BufferedReader said = second.inputReader()) {
      assertEquals("waiting for another download of this file", said.readLine());
      release.countDown();
      assertEquals("done", said.readLine());
    }
    assertEquals(0, second.waitFor());
    assertEquals(0, first.waitFor());
    assertEquals(1, server.requests().size());
    assertDownloaded();
  }

  @Test
  void aKilledProcessLeavesNoLockAndItsBytesAreContinued() throws Exception {
    CountDownLatch sent = new CountDownLatch(1);
    serve(
        (request, out) -> {
          if (request.number() > 0) {
            range(request, out, CONTENT, CONTENT.length);
            return;
          }
          head(out, "200 OK", "Content-Length: " + CONTENT.length);
          out.write(CONTENT, 0, 2_000_000);
          out.flush();
          sent.countDown();
          server.stall();
        });
    Process process = start();
    sent.await();
    Path part = request().part();
    while (!part.toFile().isFile() || part.toFile().length() == 0) {
      Thread.sleep(10);
    }
    process.destroyForcibly().waitFor();
    download();
    assertDownloaded();
    assertTrue(starts().get(1) > 0, "started over: " + starts());
  }

  @Test
  void ofTwoThreadsOneDownloadsAndTheOtherFindsTheFile() throws Exception {
    CountDownLatch waiting = new CountDownLatch(1);
    serve(
        (request, out) -> {
          waiting.await();
          whole(out, CONTENT);
        });
    DownloadListener release =
        new DownloadListener() {
          @Override
          public void notice(String name, String message) {
            waiting.countDown();
          }
        };
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<?> first = threads.submit(() -> new Downloader(options).download(request(), release));
      Future<?> second = threads.submit(() -> new Downloader(options).download(request(), release));
      first.get();
      second.get();
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } finally {
      threads.shutdown();
      assertTrue(threads.awaitTermination(10, TimeUnit.SECONDS));
    }
    assertEquals(1, server.requests().size());
    assertDownloaded();
  }

  private Process start() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            DownloadProcess.class.getName(),
            server.uri("/vit_b").toString(),
            target.toString(),
            hash,
            Integer.toString(CONTENT.length))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}

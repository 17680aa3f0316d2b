package io.github.microsam.weights.download;

import static io.github.microsam.weights.download.ScriptedServer.head;
import static io.github.microsam.weights.download.ScriptedServer.range;
import static io.github.microsam.weights.download.ScriptedServer.whole;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Against a server on this machine that drops, stalls, redirects, lies and errs. */
class DownloaderTest extends DownloadFixture {

  @Test
  void aFileArrivesWholeWithProgressToItsEnd() throws IOException {
    serve((request, out) -> whole(out, CONTENT));
    List<Long> done = new ArrayList<>();
    DownloadListener progress =
        new DownloadListener() {
          @Override
          public void transferred(String name, long bytes, long total) {
            assertEquals(CONTENT.length, total);
            done.add(bytes);
          }
        };
    new Downloader(options, pauses::add).download(request(), progress);
    assertDownloaded();
    assertEquals(0, done.get(0));
    assertEquals(CONTENT.length, done.get(done.size() - 1));
    assertTrue(
        IntStream.range(1, done.size()).allMatch(i -> done.get(i) >= done.get(i - 1)),
        "progress fell");
  }

  @Test
  void aFileThatIsThereIsNotAskedForAgain() throws IOException {
    serve((request, out) -> whole(out, CONTENT));
    download();
    download();
    options = options.withOffline(true);
    download();
    assertEquals(1, server.requests().size());
  }

  @Test
  void aDroppedConnectionIsContinuedWhereItBroke() throws IOException {
    serve(
        (request, out) ->
            range(
                request,
                out,
                CONTENT,
                request.number() == 0 ? 2_000_000 : CONTENT.length,
                "ETag: \"v1\""));
    download();
    assertDownloaded();
    assertEquals(2, server.requests().size());
    assertTrue(starts().get(1) > 0 && starts().get(1) <= 2_000_000, starts().toString());
    assertEquals("\"v1\"", server.requests().get(1).headers().get("if-range"));
    assertEquals(1, pauses.size());
    assertTrue(notices.get(0).contains("connection broke"), notices.toString());
  }

  @Test
  void manyDropsAreSurvivedAsLongAsBytesArrive() throws IOException {
    options = options.withRetries(2, Duration.ofSeconds(1), Duration.ofSeconds(9));
    serve(
        (request, out) ->
            range(
                request, out, CONTENT, Math.min(CONTENT.length, request.rangeStart() + 1_200_000)));
    download();
    assertDownloaded();
    assertTrue(server.requests().size() >= 3, starts().toString());
  }

  @Test
  void unfinishedBytesOfAnEarlierRunAreContinued() throws IOException {
    serve((request, out) -> range(request, out, CONTENT, CONTENT.length));
    Files.createDirectories(request().part().getParent());
    Files.write(request().part(), Arrays.copyOf(CONTENT, 1_234_567));
    download();
    assertDownloaded();
    assertEquals(List.of(1_234_567), starts());
  }

  @Test
  void completeBytesOfAnEarlierRunAreOnlyVerified() throws IOException {
    serve((request, out) -> range(request, out, CONTENT, CONTENT.length));
    Files.createDirectories(request().part().getParent());
    Files.write(request().part(), CONTENT);
    download();
    assertDownloaded();
    assertEquals(List.of(CONTENT.length), starts());
  }

  @Test
  void unfinishedBytesOfAnotherFileAreFoundOutAndReplaced() throws IOException {
    serve((request, out) -> range(request, out, CONTENT, CONTENT.length));
    Files.createDirectories(request().part().getParent());
    Files.write(request().part(), new byte[1000]);
    download();
    assertDownloaded();
    assertEquals(List.of(1000, 0), starts());
    assertTrue(notices.get(0).contains("starting over"), notices.toString());
  }

  @Test
  void aServerThatIgnoresRangesIsReadFromTheStart() throws IOException {
    serve(
        (request, out) -> {
          head(out, "200 OK", "Content-Length: " + CONTENT.length);
          out.write(CONTENT, 0, request.number() == 0 ? 1_500_000 : CONTENT.length);
        });
    download();
    assertDownloaded();
    assertEquals(2, server.requests().size());
  }

  @Test
  void aServerThatSendsAnotherRangeIsReadFromTheStart() throws IOException {
    serve(
        (request, out) -> {
          if (request.rangeStart() > 0) {
            head(out, "206 Partial Content", "Content-Length: 9", "Content-Range: bytes 1-9/10");
            out.write(new byte[9]);
          } else {
            range(request, out, CONTENT, request.number() == 0 ? 2_000_000 : CONTENT.length);
          }
        });
    download();
    assertDownloaded();
    assertEquals(0, starts().get(2));
  }

  @Test
  void wrongBytesAreAskedForTwiceAndNeverKept() throws IOException {
    byte[] page = "<html>Please log in</html>".getBytes(StandardCharsets.UTF_8);
    serve(
        (request, out) -> {
          head(out, "200 OK", "Content-Type: text/html", "Content-Length: " + page.length);
          out.write(page);
        });
    String message = failure();
    assertEquals(2, server.requests().size());
    assertTrue(message.contains(hash) && message.contains("26 bytes of text/html"), message);
    assertTrue(message.contains(target.toString()), message);
    assertFalse(Files.exists(target));
    assertFalse(Files.exists(request().part()));
  }

  @Test
  void aDamagedCachedFileIsReplacedOnlyWhenTheRightOneHasArrived() throws IOException {
    serve(
        (request, out) -> {
          if (request.number() == 0) {
            head(out, "404 Not Found", "Content-Length: 0");
          } else {
            whole(out, CONTENT);
          }
        });
    Files.createDirectories(target.getParent());
    Files.writeString(target, "of another version");
    failure();
    assertEquals("of another version", Files.readString(target));
    download();
    assertDownloaded();
  }

  @Test
  void aSilentServerIsGivenUp() throws IOException {
    options =
        options
            .withStallTimeout(Duration.ofMillis(100))
            .withRetries(2, Duration.ofSeconds(1), Duration.ofSeconds(9));
    serve(
        (request, out) -> {
          head(out, "200 OK", "Content-Length: " + CONTENT.length);
          out.write(CONTENT, 0, 1000);
          out.flush();
          server.stall();
        });
    String message = failure();
    assertTrue(message.contains("sent nothing") && message.contains("2 attempts"), message);
    assertEquals(2, server.requests().size());
    assertTrue(Files.size(request().part()) > 0, "what arrived is gone");
  }

  @Test
  void aServerThatNeverAnswersIsGivenUp() throws IOException {
    options =
        new DownloadOptions(
            false,
            Duration.ofMillis(100),
            Duration.ofMillis(100),
            1,
            Duration.ofSeconds(1),
            Duration.ofSeconds(9),
            ProxySettings.none());
    serve((request, out) -> server.stall());
    assertTrue(failure().contains("did not answer"));
  }

  @Test
  void redirectsAreFollowedWithTheRange() throws IOException {
    serve(
        (request, out) -> {
          switch (request.target()) {
            case "/vit_b" -> head(out, "302 Found", "Location: mirror/b?x=1", "Content-Length: 0");
            case "/mirror/b?x=1" ->
                head(out, "308 Permanent", "Location: " + server.uri("/c"), "Content-Length: 0");
            default -> range(request, out, CONTENT, CONTENT.length);
          }
        });
    Files.createDirectories(request().part().getParent());
    Files.write(request().part(), Arrays.copyOf(CONTENT, 10));
    download();
    assertDownloaded();
    assertEquals(List.of(10, 10, 10), starts());
  }

  @Test
  void endlessAndUselessRedirectsAreRefused() throws IOException {
    serve(
        (request, out) -> {
          String to = request.target().equals("/loop") ? "/loop" : "ftp://127.0.0.1/x";
          head(out, "301 Moved", "Location: " + to, "Content-Length: 0");
        });
    assertTrue(failure(request(server.uri("/loop"))).contains("more than 10 times"));
    assertEquals(11, server.requests().size());
    assertTrue(failure(request(server.uri("/ftp"))).contains("without a usable address"));
  }

  @Test
  void aRedirectFromHttpsToHttpIsRefused() throws IOException {
    serve((request, out) -> {});
    Transfer transfer = new Transfer(null, options, request(), listener);
    URI secure = URI.create("https://models.example.org/a");
    URI open = URI.create("http://models.example.org/b");
    assertEquals(secure, transfer.follow(open, Optional.of(secure)));
    String message =
        assertThrows(DownloadException.class, () -> transfer.follow(secure, Optional.of(open)))
            .getMessage();
    assertTrue(message.contains("from https to http"), message);
  }

  @Test
  void anAnswerShorterThanAnnouncedIsVerifiedAsItIs() throws IOException {
    serve(
        (request, out) -> {
          if (request.rangeStart() > 0) {
            range(request, out, CONTENT, CONTENT.length);
          } else {
            head(out, "200 OK", "Content-Length: " + (CONTENT.length + 1000));
            out.write(CONTENT);
          }
        });
    download();
    assertDownloaded();
  }

  @Test
  void anAnswerLongerThanAnnouncedIsFoundOut() throws IOException {
    serve(
        (request, out) -> {
          head(out, "200 OK", "Content-Length: 1000");
          out.write(CONTENT);
        });
    assertTrue(failure().contains("1,000 bytes"));
    assertFalse(Files.exists(target));
  }

  @Test
  void anAnswerWithoutALengthIsRead() throws IOException {
    serve(
        (request, out) -> {
          head(out, "200 OK", "Connection: close");
          out.write(CONTENT);
        });
    download();
    assertDownloaded();
  }

  @Test
  void anEndlessAnswerIsCutOffAndAnAbsurdLengthRefused() throws IOException {
    serve(
        (request, out) -> {
          boolean endless = request.target().equals("/endless");
          head(out, "200 OK", endless ? "Connection: close" : "Content-Length: 99999999999999");
          while (endless) {
            out.write(CONTENT);
          }
        });
    assertTrue(failure(request(server.uri("/endless"))).contains("this is another file"));
    assertEquals(0, Files.size(request().part()));
    assertTrue(failure(request(server.uri("/absurd"))).contains("99,999,999,999,999 bytes"));
  }

  @Test
  void errorsThatMayPassAreTriedAgainWithGrowingPauses() throws IOException {
    serve(
        (request, out) -> {
          if (request.number() < 3) {
            head(out, request.number() == 1 ? "503 Busy" : "500 Error", "Content-Length: 0");
          } else {
            whole(out, CONTENT);
          }
        });
    download();
    assertDownloaded();
    List<Long> seconds = pauses.stream().map(Duration::toSeconds).toList();
    assertEquals(List.of(1L, 2L, 4L), seconds);
  }

  @Test
  void aServersOwnPauseIsKept() throws IOException {
    serve(
        (request, out) -> {
          if (request.number() == 0) {
            head(out, "503 Busy", "Retry-After: 17", "Content-Length: 0");
          } else if (request.number() == 1) {
            head(
                out, "429 Slow", "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT", "Content-Length: 0");
          } else {
            head(out, "503 Busy", "Retry-After: 3600", "Content-Length: 0");
          }
        });
    String message = failure();
    assertEquals(17, pauses.get(0).toSeconds());
    assertEquals(2, pauses.get(1).toSeconds());
    assertTrue(message.contains("asked again in 3600 s"), message);
  }

  @Test
  void errorsThatStayEndAtOnceAndSayWhereTheFileBelongs() throws IOException {
    serve((request, out) -> head(out, "404 Not Found", "Content-Length: 0"));
    String message = failure();
    assertEquals(1, server.requests().size());
    assertTrue(message.contains("status 404") && message.contains(target.toString()), message);
  }

  @Test
  void anUnreachableServerIsNamed() throws IOException {
    serve((request, out) -> {});
    DownloadRequest request = request();
    server.close();
    options = options.withRetries(3, Duration.ofSeconds(1), Duration.ofSeconds(9));
    String message = failure(request);
    assertTrue(message.contains("no connection to 127.0.0.1"), message);
    assertEquals(2, pauses.size());
  }

  @Test
  void offlineNothingIsAskedAndTheMessageSaysWhatToPutWhere() throws IOException {
    serve((request, out) -> whole(out, CONTENT));
    options = options.withOffline(true);
    String message = failure();
    assertTrue(message.contains("MICROSAM_OFFLINE"), message);
    assertTrue(message.contains(server.uri("/vit_b").toString()), message);
    assertTrue(message.contains(target.toString()), message);
    Files.createDirectories(target.getParent());
    Files.writeString(target, "damaged");
    assertTrue(failure().contains("damaged or of another version"));
    assertEquals(0, server.requests().size());
    assertFalse(Files.exists(target.resolveSibling(".microsam")), "a folder was made for nothing");
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws IOException {
    serve((request, out) -> whole(out, CONTENT));
    Files.writeString(folder.resolve("models"), "a file where the folder should be");
    String message = failure();
    assertTrue(message.contains(folder.resolve("models").toString()), message);
    assertEquals(0, server.requests().size());
  }

  @Test
  void aFullDiskIsSaidToBeFull() throws IOException {
    Path full = Path.of("/dev/full");
    Assumptions.assumeTrue(Files.exists(full), "a device that is always full is Linux's");
    serve((request, out) -> whole(out, CONTENT));
    Files.createDirectories(request().part().getParent());
    Files.createSymbolicLink(request().part(), full);
    String message = failure();
    assertTrue(message.contains("No space left on device"), message);
    Files.delete(request().part());
    assertEquals(1, server.requests().size(), "a full disk is no reason to ask again");
    assertFalse(Files.exists(target));
  }

  @Test
  void aProxyOfTheEnvironmentIsUsedWithItsPassword() throws IOException {
    serve(
        (request, out) -> {
          if (request.headers().containsKey("proxy-authorization")) {
            whole(out, CONTENT);
          } else {
            head(
                out,
                "407 Who",
                "Proxy-Authenticate: Basic realm=\"p\"",
                "Content-Length: 0",
                "Connection: close");
          }
        });
    String proxy = "http://me:p%40ss@127.0.0.1:" + server.port();
    options = options.withProxies(ProxySettings.of(Map.of("http_proxy", proxy)));
    download(request(URI.create("http://models.example.org/vit_b")));
    assertDownloaded();
    ScriptedServer.Request last = server.requests().get(server.requests().size() - 1);
    assertEquals("http://models.example.org/vit_b", last.target());
    assertEquals(
        "Basic " + Base64.getEncoder().encodeToString("me:p@ss".getBytes(StandardCharsets.UTF_8)),
        last.headers().get("proxy-authorization"));
  }

  @Test
  void anInterruptionEndsTheDownloadAndKeepsTheFlag() throws IOException {
    Thread tester = Thread.currentThread();
    serve(
        (request, out) -> {
          head(out, "200 OK", "Content-Length: " + CONTENT.length);
          out.flush();
          tester.interrupt();
          server.stall();
        });
    String message = failure();
    assertTrue(message.contains("interrupted"), message);
    assertTrue(Thread.interrupted(), "the flag is lost");
  }

  @Test
  void aListenerThatThrowsEndsTheDownload() throws IOException {
    serve((request, out) -> whole(out, CONTENT));
    DownloadListener angry =
        new DownloadListener() {
          @Override
          public void transferred(String name, long done, long total) {
            if (done > 0) {
              throw new IllegalStateException("enough");
            }
          }
        };
    try {
      new Downloader(options, pauses::add).download(request(), angry);
    } catch (IllegalStateException e) {
      assertEquals("enough", e.getMessage());
    }
    download();
    assertArrayEquals(CONTENT, Files.readAllBytes(target));
  }
}

package io.github.microsam.weights.download;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Downloads files so that a file is at its target whole and right, or not at all.
 *
 * <pre>{@code
 * new Downloader(DownloadOptions.of(System.getenv())).download(request, DownloadListener.SILENT);
 * }</pre>
 *
 * <ul>
 *   <li><b>Verified</b>: the hash of the bytes on disk decides. If it is wrong the download starts
 *       over, once.
 *   <li><b>Resumed</b>: unfinished bytes stay in the folder {@code .microsam} beside the target and
 *       are continued, in the same run (guarded by {@code If-Range}, where the server gives an ETag
 *       or a date) and in later ones (guarded by the hash in the partial file's name and by the
 *       verification). A server that knows no ranges is read from the start.
 *   <li><b>Patient</b>: broken and silent connections and the statuses 408, 425, 429, 500, 502, 503
 *       and 504 are tried again with growing pauses, {@code Retry-After} is honoured; other
 *       statuses are final.
 *   <li><b>Exclusive</b>: of several processes or threads that want the same target one downloads
 *       it; the others wait and find it. This takes a lock in {@code .microsam}, on a file that
 *       stays.
 *   <li><b>Atomic</b>: a finished file is moved into place.
 * </ul>
 *
 * <p>At most ten redirects are followed, never from https to http. Safe for use by several threads.
 */
public final class Downloader {
  /** A request that brought this much did not fail in vain: the count of attempts begins anew. */
  private static final long PROGRESS = 1L << 20;

  /** Waits; a test does not. */
  interface Pause {
    void sleep(Duration duration) throws InterruptedException;
  }

  private final DownloadOptions options;
  private final Pause pause;

  /**
   * A downloader, which costs nothing until it has something to do.
   *
   * @param options patience and proxies
   */
  public Downloader(DownloadOptions options) {
    this(options, duration -> Thread.sleep(duration.toMillis()));
  }

  Downloader(DownloadOptions options, Pause pause) {
    this.options = options;
    this.pause = pause;
  }

  /** Made when something is to be downloaded only: it brings threads and cryptography along. */
  private HttpClient client() {
    return HttpClient.newBuilder()
        // Version 2 brings nothing for one big file, and old proxies stumble over its offer.
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER)
        .connectTimeout(options.connectTimeout())
        .proxy(options.proxies().selector())
        .authenticator(options.proxies().authenticator())
        .build();
  }

  /**
   * Makes sure that a file is there. Returns at once, after reading the file, if it is there
   * already; a file with another hash is replaced when the right one has arrived.
   *
   * @param request what to download and where to
   * @param listener hears how it goes
   * @throws DownloadException if the file cannot be had, which includes a disk that is full, a
   *     folder that cannot be written, and an interruption of this thread (whose flag stays set)
   */
  public void download(DownloadRequest request, DownloadListener listener) {
    try {
      if (!isComplete(request)) {
        requireOnline(request);
        downloadAlone(request, listener);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DownloadException(
          request.name() + ": interrupted; what has arrived is continued next time.", e);
    } catch (IOException e) {
      throw new DownloadException(
          String.format(
              "%s: cannot use the folder %s (%s). Free space in it, make it writable, or choose"
                  + " another; what has arrived is continued next time.",
              request.name(), request.target().toAbsolutePath().getParent(), reason(e)),
          e);
    }
  }

  private void downloadAlone(DownloadRequest request, DownloadListener listener)
      throws IOException, InterruptedException {
    Files.createDirectories(request.lock().getParent());
    FileGuard guard =
        FileGuard.acquire(
            request.lock(),
            () -> listener.notice(request.name(), "waiting for another download of this file"));
    try {
      if (!isComplete(request)) {
        fetch(request, listener);
        moveIntoPlace(request);
      }
    } finally {
      guard.close();
    }
  }

  private static String reason(IOException e) {
    if (e instanceof FileSystemException f) {
      String reason = f.getReason() == null ? f.getClass().getSimpleName() : f.getReason();
      return f.getFile() + ": " + reason;
    }
    return e.getMessage();
  }

  private static boolean isComplete(DownloadRequest request) throws IOException {
    return Files.isRegularFile(request.target())
        && Xxh128.of(request.target()).equals(request.xxh128());
  }

  private void requireOnline(DownloadRequest request) {
    if (options.offline()) {
      String found =
          Files.exists(request.target()) ? "is damaged or of another version" : "is not there";
      throw new DownloadException(
          String.format(
              "%s %s, and downloads are switched off (%s). Get %s elsewhere and put it at %s",
              request.name(),
              found,
              DownloadOptions.OFFLINE_VARIABLE,
              request.source(),
              request.target().toAbsolutePath()));
    }
  }

  private void fetch(DownloadRequest request, DownloadListener listener)
      throws IOException, InterruptedException {
    HttpClient client = client();
    for (boolean again = true; ; again = false) {
      Transfer transfer = new Transfer(client, options, request, listener);
      fill(transfer, request, listener);
      String hash = Xxh128.of(request.part());
      if (hash.equals(request.xxh128())) {
        return;
      }
      long size = Files.size(request.part());
      Files.delete(request.part());
      String wrong =
          String.format(
              "%s sent %,d bytes%s with the hash %s instead of %s",
              request.source(),
              size,
              transfer.contentType().isEmpty() ? "" : " of " + transfer.contentType(),
              hash,
              request.xxh128());
      if (!again) {
        throw new DownloadException(
            String.format(
                "%s: %s, twice. Nothing was kept. A proxy or login page may have answered instead;"
                    + " the right file can be put at %s by hand.",
                request.name(), wrong, request.target().toAbsolutePath()));
      }
      listener.notice(request.name(), wrong + "; starting over");
    }
  }

  private void fill(Transfer transfer, DownloadRequest request, DownloadListener listener)
      throws IOException, InterruptedException {
    try (FileChannel part =
        FileChannel.open(
            request.part(),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      for (int attempt = 1; ; attempt++) {
        long before = part.size();
        try {
          transfer.attempt(part);
          part.force(true);
          return;
        } catch (TransientFailure e) {
          if (part.size() - before >= PROGRESS) {
            attempt = 1;
          }
          Duration wait = wait(e, attempt, request, part.size());
          listener.notice(
              request.name(),
              String.format(
                  "%s; trying again in %.1f s (attempt %d of %d failed)",
                  e.getMessage(), wait.toMillis() / 1000.0, attempt, options.attempts()));
          pause.sleep(wait);
        }
      }
    }
  }

  private Duration wait(TransientFailure failure, int attempt, DownloadRequest request, long have) {
    Duration asked = failure.retryAfter().orElse(Duration.ZERO);
    boolean tooLong = asked.compareTo(options.longestPause()) > 0;
    if (attempt >= options.attempts() || tooLong) {
      throw new DownloadException(
          String.format(
              "%s: %s could not be downloaded: %s%s. %,d bytes have arrived and are continued next"
                  + " time; or put the file at %s by hand.",
              request.name(),
              request.source(),
              failure.getMessage(),
              tooLong
                  ? " and wants to be asked again in " + asked.toSeconds() + " s"
                  : " (" + attempt + " attempts)",
              have,
              request.target().toAbsolutePath()),
          failure);
    }
    long doubled = options.firstPause().toMillis() << Math.min(attempt - 1, 20);
    long millis = Math.min(doubled, options.longestPause().toMillis());
    millis += ThreadLocalRandom.current().nextLong(millis / 4 + 1);
    return Duration.ofMillis(Math.max(millis, asked.toMillis()));
  }

  private static void moveIntoPlace(DownloadRequest request) throws IOException {
    Path part = request.part();
    try {
      Files.move(
          part,
          request.target(),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(part, request.target(), StandardCopyOption.REPLACE_EXISTING);
    }
  }
}

package io.github.microsam.weights.download;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;

/**
 * Brings a file's bytes to the end of its partial file, request by request. Remembers from answer
 * to answer which version of the file it has the beginning of.
 */
final class Transfer {
  private static final int MOST_REDIRECTS = 10;

  private final HttpClient client;
  private final DownloadOptions options;
  private final DownloadRequest request;
  private final DownloadListener listener;
  private Optional<String> validator = Optional.empty();
  private String contentType = "";

  Transfer(
      HttpClient client,
      DownloadOptions options,
      DownloadRequest request,
      DownloadListener listener) {
    this.client = client;
    this.options = options;
    this.request = request;
    this.listener = listener;
  }

  /** The type that the last answer claimed to be, empty if none. */
  String contentType() {
    return contentType;
  }

  /**
   * One request. Returns when the server has no more bytes; whether they are right is for the
   * caller to check.
   *
   * @throws TransientFailure if it may go better later; what arrived is in the file
   * @throws DownloadException if it will not
   */
  void attempt(FileChannel part) throws TransientFailure, InterruptedException, IOException {
    long have = part.size();
    Answer answer = open(have);
    try {
      contentType = answer.header("Content-Type").orElse("");
      switch (answer.status()) {
        case 200 -> receive(answer, part, 0);
        case 206 -> {
          if (answer.rangeStart() != have) {
            part.truncate(0);
            throw new TransientFailure("the server sent another part than asked", Optional.empty());
          }
          receive(answer, part, have);
        }
        case 416 -> {
          if (have == 0) {
            throw refused(answer);
          }
          // Nothing behind what is here: complete, or of another version; the hash tells.
        }
        default -> throw refused(answer);
      }
    } finally {
      answer.body().cancel();
    }
  }

  private Answer open(long have) throws TransientFailure, InterruptedException {
    URI uri = request.source();
    for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      Answer answer = new Answer(send(uri, have));
      if (!answer.isRedirect()) {
        return answer;
      }
      answer.body().cancel();
      uri = follow(uri, answer.location());
    }
    throw new DownloadException(
        String.format(
            "%s: %s redirects more than %d times, lastly to %s.",
            request.name(), request.source(), MOST_REDIRECTS, uri));
  }

  /** The address after a redirect. */
  URI follow(URI from, Optional<URI> location) {
    URI to =
        location
            .filter(DownloadRequest::isHttp)
            .orElseThrow(
                () ->
                    new DownloadException(
                        request.name() + ": " + from + " redirects without a usable address."));
    if ("https".equalsIgnoreCase(from.getScheme()) && "http".equalsIgnoreCase(to.getScheme())) {
      throw new DownloadException(
          String.format(
              "%s: %s redirects from https to %s, which anybody on the way could change; refused.",
              request.name(), from, to));
    }
    return to;
  }

  private HttpResponse<ResponseBody> send(URI uri, long have)
      throws TransientFailure, InterruptedException {
    // Not HttpRequest.timeout: newer releases of Java count the whole body into it.
    Duration patience = options.connectTimeout().plus(options.stallTimeout());
    CompletableFuture<HttpResponse<ResponseBody>> sent =
        client.sendAsync(get(uri, have), headers -> new ResponseBody());
    try {
      return sent.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new TransientFailure(
          uri.getHost() + " did not answer for " + patience.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw notSent(uri, e.getCause());
    } finally {
      sent.cancel(true);
    }
  }

  private HttpRequest get(URI uri, long have) {
    HttpRequest.Builder get =
        HttpRequest.newBuilder(uri)
            .header("User-Agent", "microsam-java")
            .header("Accept-Encoding", "identity");
    if (have > 0) {
      get.header("Range", "bytes=" + have + "-");
      validator.ifPresent(v -> get.header("If-Range", v));
    }
    return get.build();
  }

  private TransientFailure notSent(URI uri, Throwable cause) {
    if (cause instanceof SSLHandshakeException) {
      throw new DownloadException(
          String.format(
              "%s: the certificate of %s is not accepted (%s). Behind a proxy that inspects"
                  + " traffic, add its certificate to Java's trust store.",
              request.name(), uri.getHost(), cause.getMessage()),
          cause);
    }
    if (!(cause instanceof IOException)) {
      throw new DownloadException(
          request.name() + ": the request to " + uri + " failed: " + cause, cause);
    }
    String why = cause.getMessage() == null ? "" : " (" + cause.getMessage() + ")";
    return new TransientFailure("no connection to " + uri.getHost() + why, cause);
  }

  /** Throws the failure that an unwelcome status means. */
  private DownloadException refused(Answer answer) throws TransientFailure {
    int status = answer.status();
    String what = "the server answered with status " + status;
    if (answer.isTransient()) {
      throw new TransientFailure(what, answer.retryAfter());
    }
    String hint =
        status == 407
            ? " The proxy wants a name and password: give them in https_proxy, and start Java with"
                + " -Djdk.http.auth.tunneling.disabledSchemes= for an https address."
            : "";
    return new DownloadException(
        String.format(
            "%s: %s for %s.%s The file can be put at %s by hand.",
            request.name(), what, request.source(), hint, request.target()));
  }

  private void receive(Answer answer, FileChannel part, long start)
      throws TransientFailure, InterruptedException, IOException {
    OptionalLong total = answer.total(start);
    checkSize(total.orElse(start));
    checkSpace(total.orElse(start) - start);
    validator = answer.validator();
    part.truncate(start);
    part.position(start);
    long done = start;
    listener.transferred(request.name(), done, total.orElse(-1));
    for (List<ByteBuffer> bytes = next(answer); bytes != null; bytes = next(answer)) {
      for (ByteBuffer piece : bytes) {
        while (piece.hasRemaining()) {
          done += part.write(piece);
        }
      }
      if (done > request.largestBytes()) {
        part.truncate(0);
      }
      checkSize(done);
      listener.transferred(request.name(), done, total.orElse(-1));
    }
  }

  private List<ByteBuffer> next(Answer answer) throws TransientFailure, InterruptedException {
    try {
      return answer.body().next(options.stallTimeout());
    } catch (IOException e) {
      throw new TransientFailure(e.getMessage(), e);
    }
  }

  private void checkSize(long size) {
    if (size > request.largestBytes()) {
      throw new DownloadException(
          String.format(
              "%s: %s sends %,d bytes or more where about %,d were expected; this is another file.",
              request.name(), request.source(), size, request.approximateBytes()));
    }
  }

  private void checkSpace(long missing) throws IOException {
    long free = Files.getFileStore(request.part()).getUsableSpace();
    // Some network file systems do not know and say 0.
    if (free > 0 && free < missing) {
      throw new DownloadException(
          String.format(
              "%s: %,d more bytes do not fit on the disk of %s, which has %,d free.",
              request.name(), missing, request.target(), free));
    }
  }
}

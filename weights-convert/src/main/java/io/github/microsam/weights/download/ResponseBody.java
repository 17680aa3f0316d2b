package io.github.microsam.weights.download;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The bytes of an answer, pulled by the reader. An input stream of the HTTP client would wait for
 * ever on a server that falls silent; this gives up. At most two pieces are in memory: the next is
 * asked for when one is taken.
 */
final class ResponseBody implements HttpResponse.BodySubscriber<ResponseBody> {

  /** What arrived: bytes, the end (neither bytes nor failure), or a failure. */
  private record Piece(List<ByteBuffer> bytes, Throwable failure) {}

  private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
  private Flow.Subscription subscription;
  private boolean cancelled;

  /**
   * The next bytes.
   *
   * @return null at the end
   * @throws IOException if the connection broke, or was silent for the given time
   */
  List<ByteBuffer> next(Duration patience) throws IOException, InterruptedException {
    Piece piece = pieces.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    if (piece == null) {
      throw new IOException("the server sent nothing for " + patience.toSeconds() + " s");
    }
    if (piece.failure != null) {
      throw new IOException("the connection broke: " + piece.failure.getMessage(), piece.failure);
    }
    if (piece.bytes != null) {
      request();
    }
    return piece.bytes;
  }

  /** Ends the exchange; the rest of the answer is not read. */
  synchronized void cancel() {
    cancelled = true;
    if (subscription != null) {
      subscription.cancel();
    }
  }

  private synchronized void request() {
    subscription.request(1);
  }

  @Override
  public CompletionStage<ResponseBody> getBody() {
    return CompletableFuture.completedStage(this);
  }

  @Override
  public synchronized void onSubscribe(Flow.Subscription started) {
    subscription = started;
    if (cancelled) {
      started.cancel();
    } else {
      started.request(1);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> bytes) {
    pieces.add(new Piece(bytes, null));
  }

  @Override
  public void onError(Throwable failure) {
    pieces.add(new Piece(null, failure));
  }

  @Override
  public void onComplete() {
    pieces.add(new Piece(null, null));
  }
}

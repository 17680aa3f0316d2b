package io.github.microsam.train.data;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Batches of another source, made ahead on threads of its own: as soon as one is asked for, the
 * next ones are begun, at most so many. What comes out is what the source makes, in any order of
 * asking; asking in another order than 0, 1, 2… only wastes work.
 *
 * <p>One thread asks; closing ends the threads.
 */
public final class PrefetchedBatches implements BatchSource, AutoCloseable {
  private final BatchSource source;
  private final int ahead;
  private final ExecutorService threads;
  private final Deque<Pending> pending = new ArrayDeque<>();

  private record Pending(int epoch, int index, Future<List<Sample>> batch) {}

  /**
   * Starts the threads.
   *
   * @param source what makes the batches; must allow several threads
   * @param threads how many make batches, at least 1
   * @param ahead how many batches wait at most, at least 1
   * @throws IllegalArgumentException if a number is below 1
   */
  public PrefetchedBatches(BatchSource source, int threads, int ahead) {
    if (threads < 1 || ahead < 1) {
      throw new IllegalArgumentException(
          "%d threads for %d batches ahead; expected 1 or more".formatted(threads, ahead));
    }
    this.source = source;
    this.ahead = ahead;
    AtomicInteger number = new AtomicInteger();
    this.threads =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "microsam-batches-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  @Override
  public int batches() {
    return source.batches();
  }

  @Override
  public Map<String, String> settings() {
    return source.settings();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the thread is interrupted while it waits; the thread's status
   *     says so again
   */
  @Override
  public List<Sample> batch(int epoch, int index) {
    while (!pending.isEmpty() && !isNext(pending.peek(), epoch, index)) {
      pending.remove().batch().cancel(false);
    }
    if (pending.isEmpty()) {
      submit(epoch, index);
    }
    Future<List<Sample>> batch = pending.remove().batch();
    List<Pending> queued = new ArrayList<>(pending);
    int e = queued.isEmpty() ? epoch : queued.get(queued.size() - 1).epoch();
    int i = queued.isEmpty() ? index : queued.get(queued.size() - 1).index();
    while (pending.size() < ahead) {
      i++;
      if (i == source.batches()) {
        i = 0;
        e++;
      }
      submit(e, i);
    }
    return await(batch);
  }

  private static boolean isNext(Pending next, int epoch, int index) {
    return next.epoch() == epoch && next.index() == index;
  }

  private void submit(int epoch, int index) {
    pending.add(new Pending(epoch, index, threads.submit(() -> source.batch(epoch, index))));
  }

  private static List<Sample> await(Future<List<Sample>> batch) {
    try {
      return batch.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a batch", e);
    } catch (CancellationException e) {
      throw new IllegalStateException("the batches were closed", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        cause.addSuppressed(e); // where it was waited for
        throw cause;
      }
      throw new IllegalStateException("a batch could not be made", e.getCause());
    }
  }

  /** Ends the threads; batches that wait are dropped. */
  @Override
  public void close() {
    threads.shutdownNow();
    pending.clear();
  }
}

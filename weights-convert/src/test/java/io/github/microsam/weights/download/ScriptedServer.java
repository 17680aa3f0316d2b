package io.github.microsam.weights.download;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/**
 * An HTTP server on a socket, which can misbehave in every way: a script writes the raw answer. One
 * request a connection, one thread a connection.
 */
final class ScriptedServer implements AutoCloseable {

  /** A request; the names of headers are in lower case. */
  record Request(int number, String target, Map<String, String> headers) {
    /** First byte that the request asks for. */
    int rangeStart() {
      String range = headers.getOrDefault("range", "bytes=0-");
      return Integer.parseInt(range.substring(6, range.length() - 1));
    }
  }

  /** Writes an answer; the connection is closed when it returns or throws. */
  interface Script {
    void answer(Request request, OutputStream out) throws IOException, InterruptedException;
  }

  private final ServerSocket socket;
  private final Script script;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  ScriptedServer(Script script) throws IOException {
    this.script = script;
    socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "scripted server");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket connection = socket.accept();
        start(() -> serve(connection));
      } catch (IOException e) {
        if (!socket.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(connection.getInputStream(), StandardCharsets.ISO_8859_1));
      String first = in.readLine();
      if (first == null) {
        return;
      }
      Map<String, String> headers = new TreeMap<>();
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        int colon = line.indexOf(':');
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
      Request request;
      synchronized (requests) {
        request = new Request(requests.size(), first.split(" ", -1)[1], headers);
        requests.add(request);
      }
      script.answer(request, connection.getOutputStream());
      connection.getOutputStream().flush();
    } catch (IOException e) {
      // The client went away, as some tests want it to.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Says nothing until the server is closed. */
  void stall() throws InterruptedException {
    closed.await();
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  int port() {
    return socket.getLocalPort();
  }

  List<Request> requests() {
    return requests;
  }

  static void head(OutputStream out, String status, String... headers) throws IOException {
    String head = "HTTP/1.1 " + status + "\r\n" + String.join("\r\n", headers);
    out.write((head + (headers.length > 0 ? "\r\n\r\n" : "\r\n")).getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** The whole of the content, whatever was asked. */
  static void whole(OutputStream out, byte[] content) throws IOException {
    head(out, "200 OK", "Content-Length: " + content.length);
    out.write(content);
  }

  /** What a good server answers, but breaking off before the byte {@code end}. */
  static void range(Request request, OutputStream out, byte[] content, int end, String... headers)
      throws IOException {
    int start = request.rangeStart();
    String extra = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    String length = extra + "Content-Length: " + (content.length - start);
    if (start == 0) {
      head(out, "200 OK", length);
    } else if (start < content.length) {
      head(
          out,
          "206 Partial Content",
          length,
          "Content-Range: bytes " + start + "-" + (content.length - 1) + "/" + content.length);
    } else {
      head(
          out,
          "416 Range Not Satisfiable",
          "Content-Length: 0",
          "Content-Range: bytes */" + content.length);
      return;
    }
    out.write(content, start, Math.max(0, end - start));
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    socket.close();
  }
}

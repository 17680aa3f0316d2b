package io.github.microsam.weights.download;

import java.net.URI;
import java.nio.file.Path;

/**
 * A process that downloads a file: {@code SOURCE TARGET HASH BYTES}. Prints notices as they come.
 */
public final class DownloadProcess {
  private DownloadProcess() {}

  public static void main(String[] args) {
    DownloadRequest request =
        new DownloadRequest(
            "model", URI.create(args[0]), Path.of(args[1]), args[2], Long.parseLong(args[3]));
    DownloadListener listener =
        new DownloadListener() {
          @Override
          public void notice(String name, String message) {
            System.out.println(message);
          }
        };
    new Downloader(DownloadOptions.defaults()).download(request, listener);
    System.out.println("done");
  }
}

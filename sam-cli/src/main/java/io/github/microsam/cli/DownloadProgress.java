package io.github.microsam.cli;

import io.github.microsam.weights.download.DownloadListener;

/** Shows downloads. */
record DownloadProgress(ProgressLine line) implements DownloadListener {

  @Override
  public void transferred(String name, long done, long total) {
    line.show(name, done, total);
  }

  @Override
  public void notice(String name, String message) {
    line.println(name + ": " + message);
  }
}

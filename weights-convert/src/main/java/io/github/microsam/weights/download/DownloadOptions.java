package io.github.microsam.weights.download;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * How patient downloads are, and whether and through what they may use the network.
 *
 * @param offline true forbids every request
 * @param connectTimeout longest wait for a connection
 * @param stallTimeout longest wait for an answer, and for the next bytes of one; there is no limit
 *     on the whole, since 2.5 GB over a slow line take hours
 * @param attempts how often in a row a request may fail without a mebibyte of progress in between
 * @param firstPause wait before the second attempt; it doubles from attempt to attempt, and up to a
 *     quarter is added at random, so that a room full of clients does not come back all at once
 * @param longestPause limit of that wait; a server that asks for a longer one ({@code Retry-After})
 *     ends the download
 * @param proxies the way out
 */
public record DownloadOptions(
    boolean offline,
    Duration connectTimeout,
    Duration stallTimeout,
    int attempts,
    Duration firstPause,
    Duration longestPause,
    ProxySettings proxies) {

  /** The environment variable that switches downloads off: {@value}. */
  public static final String OFFLINE_VARIABLE = "MICROSAM_OFFLINE";

  private static final Set<String> NO = Set.of("", "0", "false", "no", "off");

  /**
   * Online, without proxies: 20 s to connect, 60 s without a byte, 5 attempts, pauses of 1 s
   * doubling to at most a minute.
   *
   * @return the defaults
   */
  public static DownloadOptions defaults() {
    return new DownloadOptions(
        false,
        Duration.ofSeconds(20),
        Duration.ofSeconds(60),
        5,
        Duration.ofSeconds(1),
        Duration.ofMinutes(1),
        ProxySettings.none());
  }

  /**
   * The defaults, with the proxies of {@link ProxySettings#of} and offline if {@link
   * #OFFLINE_VARIABLE} is set to anything but {@code 0}, {@code false}, {@code no}, {@code off} or
   * nothing.
   *
   * @param environment the environment, usually {@link System#getenv()}
   * @return what the environment asks for
   */
  public static DownloadOptions of(Map<String, String> environment) {
    String offline = environment.getOrDefault(OFFLINE_VARIABLE, "").strip();
    return defaults()
        .withOffline(!NO.contains(offline.toLowerCase(Locale.ROOT)))
        .withProxies(ProxySettings.of(environment));
  }

  /**
   * With the network forbidden or allowed.
   *
   * @param offline true forbids every request
   * @return a copy
   */
  public DownloadOptions withOffline(boolean offline) {
    return new DownloadOptions(
        offline, connectTimeout, stallTimeout, attempts, firstPause, longestPause, proxies);
  }

  /**
   * With another patience with servers that say nothing.
   *
   * @param stallTimeout longest wait for an answer, and for the next bytes of one
   * @return a copy
   */
  public DownloadOptions withStallTimeout(Duration stallTimeout) {
    return new DownloadOptions(
        offline, connectTimeout, stallTimeout, attempts, firstPause, longestPause, proxies);
  }

  /**
   * With other retries.
   *
   * @param attempts how often in a row a request may fail, at least 1
   * @param firstPause wait before the second attempt
   * @param longestPause limit of the wait, which doubles
   * @return a copy
   */
  public DownloadOptions withRetries(int attempts, Duration firstPause, Duration longestPause) {
    return new DownloadOptions(
        offline, connectTimeout, stallTimeout, attempts, firstPause, longestPause, proxies);
  }

  /**
   * With another way out.
   *
   * @param proxies the proxies
   * @return a copy
   */
  public DownloadOptions withProxies(ProxySettings proxies) {
    return new DownloadOptions(
        offline, connectTimeout, stallTimeout, attempts, firstPause, longestPause, proxies);
  }
}

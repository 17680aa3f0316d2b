package io.github.microsam.weights.download;

import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which proxy a request goes through. Java's own settings are asked first ({@code
 * -Dhttps.proxyHost}, {@code -Dhttp.nonProxyHosts}, {@code -Djava.net.useSystemProxies}); where
 * they name no proxy, the environment variables that curl and Python honour decide: {@code
 * HTTPS_PROXY}, {@code HTTP_PROXY}, {@code ALL_PROXY} and {@code NO_PROXY}, in upper or lower case,
 * lower case first.
 *
 * <p>{@code NO_PROXY} is a list separated by commas: {@code *}, host names, and domains with all
 * below them ({@code example.org} and {@code .example.org} mean the same); ranges of addresses are
 * not understood. The loopback address never goes through a proxy of the environment.
 *
 * <p>A proxy may ask for a name and password, {@code http://name:password@proxy:3128}. For https
 * Java refuses to send them unless it is started with {@code
 * -Djdk.http.auth.tunneling.disabledSchemes=}, since they travel in the clear. SOCKS proxies are
 * not supported by Java's HTTP client.
 *
 * <p>Immutable; safe for use by several threads.
 */
public final class ProxySettings {
  private static final List<Proxy> DIRECT = List.of(Proxy.NO_PROXY);

  private final ProxySelector java;
  private final Map<String, URI> byScheme;
  private final List<String> exempt;

  private ProxySettings(ProxySelector java, Map<String, URI> byScheme, List<String> exempt) {
    this.java = java;
    this.byScheme = byScheme;
    this.exempt = exempt;
  }

  /**
   * No proxies at all, whatever Java and the environment say.
   *
   * @return direct connections
   */
  public static ProxySettings none() {
    return new ProxySettings(null, Map.of(), List.of());
  }

  /**
   * Java's own settings, then the environment's.
   *
   * @param environment the environment, usually {@link System#getenv()}
   * @return the way out
   * @throws DownloadException if a proxy's address is not understood
   */
  public static ProxySettings of(Map<String, String> environment) {
    Map<String, URI> proxies = new LinkedHashMap<>();
    for (String scheme : List.of("http", "https")) {
      variable(environment, scheme + "_proxy")
          .or(() -> variable(environment, "all_proxy"))
          .ifPresent(value -> proxies.put(scheme, parse(scheme, value)));
    }
    List<String> exempt =
        variable(environment, "no_proxy").stream()
            .flatMap(list -> Stream.of(list.split(",")))
            .map(entry -> entry.strip().toLowerCase(Locale.ROOT))
            .filter(entry -> !entry.isEmpty())
            .toList();
    return new ProxySettings(ProxySelector.getDefault(), Map.copyOf(proxies), exempt);
  }

  private static Optional<String> variable(Map<String, String> environment, String name) {
    return Stream.of(name, name.toUpperCase(Locale.ROOT))
        .map(environment::get)
        .filter(value -> value != null && !value.isBlank())
        .map(String::strip)
        .findFirst();
  }

  private static URI parse(String scheme, String value) {
    URI uri;
    try {
      uri = URI.create(value.contains("://") ? value : "http://" + value);
    } catch (IllegalArgumentException e) {
      throw notUnderstood(scheme, e);
    }
    if (uri.getHost() == null || !"http".equalsIgnoreCase(uri.getScheme())) {
      throw notUnderstood(scheme, null);
    }
    return uri;
  }

  private static DownloadException notUnderstood(String scheme, Exception cause) {
    // The value is not repeated: it may hold a password.
    return new DownloadException(
        "The environment variable "
            + scheme
            + "_proxy (or all_proxy) does not name an HTTP proxy. It looks like"
            + " http://proxy.example.org:3128, with name:password@ before the host if needed.",
        cause);
  }

  /**
   * The proxies to try for an address.
   *
   * @param address where a request goes
   * @return at least one; {@link Proxy#NO_PROXY} for a direct connection
   */
  List<Proxy> select(URI address) {
    List<Proxy> chosen = java == null ? DIRECT : java.select(address);
    if (chosen.stream().anyMatch(proxy -> proxy.type() == Proxy.Type.HTTP)) {
      return chosen;
    }
    URI proxy = byScheme.get(address.getScheme().toLowerCase(Locale.ROOT));
    if (proxy == null || isExempt(address.getHost().toLowerCase(Locale.ROOT))) {
      return DIRECT;
    }
    int port = proxy.getPort() < 0 ? 80 : proxy.getPort();
    return List.of(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(proxy.getHost(), port)));
  }

  private boolean isExempt(String host) {
    if (host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]")) {
      return true;
    }
    return exempt.stream()
        .map(entry -> entry.startsWith(".") ? entry.substring(1) : entry)
        .anyMatch(entry -> entry.equals("*") || host.equals(entry) || host.endsWith("." + entry));
  }

  ProxySelector selector() {
    return new ProxySelector() {
      @Override
      public List<Proxy> select(URI uri) {
        return ProxySettings.this.select(uri);
      }

      @Override
      public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // There is no second proxy to remember; the failed request reports it.
      }
    };
  }

  Authenticator authenticator() {
    return new Authenticator() {
      @Override
      protected PasswordAuthentication getPasswordAuthentication() {
        if (getRequestorType() != RequestorType.PROXY) {
          return null;
        }
        return byScheme.values().stream()
            .filter(proxy -> proxy.getHost().equalsIgnoreCase(getRequestingHost()))
            .filter(proxy -> proxy.getRawUserInfo() != null)
            .findFirst()
            .map(ProxySettings::credentials)
            .orElse(null);
      }
    };
  }

  private static PasswordAuthentication credentials(URI proxy) {
    String[] parts = proxy.getRawUserInfo().split(":", 2);
    return new PasswordAuthentication(
        decode(parts[0]), (parts.length > 1 ? decode(parts[1]) : "").toCharArray());
  }

  private static String decode(String part) {
    // A plus is itself here, unlike in a form.
    return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}

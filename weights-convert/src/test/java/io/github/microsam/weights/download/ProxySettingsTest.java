package io.github.microsam.weights.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProxySettingsTest {
  private static final URI MODEL = URI.create("https://models.example.org/vit_b");

  @Test
  void theEnvironmentNamesAProxyForEachScheme() {
    ProxySettings settings =
        ProxySettings.of(
            Map.of("HTTPS_PROXY", "http://secure:8080", "http_proxy", "plain", "HTTP_PROXY", "no"));
    assertEquals("secure:8080", chosen(settings, MODEL));
    assertEquals("plain:80", chosen(settings, URI.create("http://models.example.org/")));
    assertEquals("any:3128", chosen(ProxySettings.of(Map.of("ALL_PROXY", "any:3128")), MODEL));
  }

  @Test
  void exemptHostsAndTheirDomainsAreReachedDirectly() {
    Map<String, String> proxy = Map.of("https_proxy", "http://p:1");
    assertEquals("p:1", chosen(ProxySettings.of(proxy), MODEL));
    for (String exempt :
        new String[] {"*", "example.org", "a.b, .example.org", "MODELS.example.org"}) {
      ProxySettings settings =
          ProxySettings.of(Map.of("https_proxy", "http://p:1", "NO_PROXY", exempt));
      assertEquals("direct", chosen(settings, MODEL), exempt);
    }
    ProxySettings other =
        ProxySettings.of(Map.of("https_proxy", "http://p:1", "no_proxy", "ample.org"));
    assertEquals("p:1", chosen(other, MODEL), "a suffix that is no domain");
    assertEquals("direct", chosen(ProxySettings.of(proxy), URI.create("https://localhost/")));
  }

  @Test
  void propertiesOfJavaComeFirst() {
    String before = System.getProperty("https.proxyHost");
    System.setProperty("https.proxyHost", "java");
    System.setProperty("https.proxyPort", "99");
    try {
      ProxySettings settings = ProxySettings.of(Map.of("https_proxy", "http://p:1"));
      assertEquals("java:99", chosen(settings, MODEL));
      assertEquals("direct", chosen(ProxySettings.none(), MODEL));
    } finally {
      System.clearProperty("https.proxyPort");
      if (before == null) {
        System.clearProperty("https.proxyHost");
      } else {
        System.setProperty("https.proxyHost", before);
      }
    }
  }

  @Test
  void aProxyThatIsNotUnderstoodIsNamedWithoutItsPassword() {
    for (String bad :
        new String[] {"socks5://u:secret@p:1", "http://u:secret@", "http://se cret"}) {
      String message =
          assertThrows(
                  DownloadException.class, () -> ProxySettings.of(Map.of("https_proxy", bad)), bad)
              .getMessage();
      assertTrue(message.contains("https_proxy"), message);
      assertFalse(message.contains("secret"), message);
    }
  }

  private static String chosen(ProxySettings settings, URI uri) {
    Proxy proxy = settings.select(uri).get(0);
    if (proxy.type() == Proxy.Type.DIRECT) {
      return "direct";
    }
    InetSocketAddress address = (InetSocketAddress) proxy.address();
    return address.getHostString() + ":" + address.getPort();
  }
}

package io.github.microsam.weights.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Map;
import org.junit.jupiter.api.Test;

class DownloadOptionsTest {
  @Test
  void anythingButANoSwitchesDownloadsOff() {
    assertFalse(DownloadOptions.of(Map.of()).offline());
    Map<String, Boolean> values =
        Map.of("1", true, "true", true, "yes", true, "0", false, "", false, "False", false);
    values.forEach(
        (value, offline) ->
            assertEquals(
                offline, DownloadOptions.of(Map.of("MICROSAM_OFFLINE", value)).offline(), value));
  }
}

package io.github.microsam.cli;

import java.util.Optional;
import picocli.CommandLine;

/** The version as the jar's manifest has it, and what it runs on, which a report needs too. */
final class Version implements CommandLine.IVersionProvider {

  @Override
  public String[] getVersion() {
    String version =
        Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
            .orElse("(not from a jar)");
    return new String[] {
      "microsam " + version,
      String.format(
          "Java %s (%s), %s %s",
          System.getProperty("java.version"),
          System.getProperty("java.vendor"),
          System.getProperty("os.name"),
          System.getProperty("os.arch"))
    };
  }
}

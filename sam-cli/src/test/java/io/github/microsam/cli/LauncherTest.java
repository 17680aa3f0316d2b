package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script at the root of the repository, with a java and a mvn that tell how they were called.
 */
class LauncherTest {
  private static final String SAY_ARGUMENTS = "for a in \"$@\"; do echo \"$a\"; done; exit 7";

  @TempDir Path folder;
  private Path checkout;
  private Path tools;

  @BeforeEach
  void copyLauncher() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "the launcher is a bash script");
    Path launcher = Path.of("..", "microsam");
    assumeTrue(Files.exists(launcher), "not run from a checkout");
    checkout = Files.createDirectories(folder.resolve("check out"));
    tools = Files.createDirectories(folder.resolve("tools"));
    Files.copy(launcher, checkout.resolve("microsam"));
    script("java", SAY_ARGUMENTS);
  }

  @Test
  void argumentsAndExitCodePassThroughLinksFromAnyFolder() throws Exception {
    Path jar = makeJar();
    Path link = folder.resolve("bin").resolve("link");
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, Path.of("..", "second link"));
    Files.createSymbolicLink(folder.resolve("second link"), checkout.resolve("microsam"));
    Result result = run(link, Map.of("MICROSAM_JAVA_OPTS", "-Xmx1g -ea"), "inspect", "a b.pt", "");
    assertEquals(
        List.of("-Xmx1g", "-ea", "-jar", jar.toRealPath().toString(), "inspect", "a b.pt", ""),
        result.out.subList(result.out.size() - 7, result.out.size()));
    assertEquals(7, result.exitCode, "exit code of java");
  }

  @Test
  void aMissingJarIsBuiltFirstAndOnlyThen() throws Exception {
    script(
        "mvn",
        "echo \"built in $PWD: $*\"; mkdir -p sam-cli/target; touch sam-cli/target/microsam.jar");
    Result first = run(checkout.resolve("microsam"), Map.of(), "--version");
    assertTrue(first.err.contains("microsam: building"), first.err);
    assertTrue(
        first.err.contains(
            "built in " + checkout.toRealPath() + ": -B package -pl sam-cli -am -DskipTests"),
        first.err);
    assertEquals("--version", first.out.get(first.out.size() - 1));
    assertEquals("", run(checkout.resolve("microsam"), Map.of(), "--version").err);
  }

  @Test
  void changedSourcesAreBuiltAgain() throws Exception {
    Path jar = makeJar();
    Path source = checkout.resolve("sam-core/src/main/java/A.java");
    Files.createDirectories(source.getParent());
    Files.writeString(source, "class A {}");
    Files.setLastModifiedTime(jar, FileTime.fromMillis(1_000_000_000_000L));
    script("mvn", "echo built");
    Result first = run(checkout.resolve("microsam"), Map.of(), "--version");
    assertEquals(
        """
        microsam: building again, as sources have changed
        built
        microsam:   trying it out, so that it starts faster from now on
        """,
        first.err);
    assertEquals(
        "", run(checkout.resolve("microsam"), Map.of(), "--version").err, "the jar is new now");
  }

  @Test
  void ofWhatMavenSaysTheStepsAreShown() throws Exception {
    script(
        "mvn",
        "echo '[INFO] Scanning for projects...';"
            + " echo 'Downloading from central: https://repo/a/b.pom';"
            + " echo '[INFO] Building microsam sam-core 0.1.0                [2/4]';"
            + " echo '[INFO] Downloaded from central: https://repo/a/b-1.jar (33 MB at 5 MB/s)';"
            + " echo '[INFO] Downloaded from central: https://repo/a/c-1.jar (3 kB at 5 kB/s)';"
            + " echo '[ERROR] it broke'; exit 1");
    Result failed = run(checkout.resolve("microsam"), Map.of());
    assertEquals(
        """
        microsam: building, this once; it takes a few minutes and downloads what it needs
        microsam:   microsam sam-core 0.1.0                [2/4]
        microsam:   downloaded b-1.jar (33 MB at 5 MB/s)
        [ERROR] it broke
        microsam: the build failed; the lines above say why
        """,
        failed.err);
    assertEquals(1, failed.exitCode);
  }

  @Test
  void waitingThreadsOfOpenMpSleepUnlessToldOtherwise() throws Exception {
    makeJar();
    script("java", "echo \"$OMP_WAIT_POLICY\"");
    assertEquals(List.of("PASSIVE"), run(checkout.resolve("microsam"), Map.of()).out);
    Map<String, String> environment = Map.of("OMP_WAIT_POLICY", "ACTIVE");
    assertEquals(List.of("ACTIVE"), run(checkout.resolve("microsam"), environment).out);
  }

  @Test
  void aFailedBuildAndMissingToolsAreSaid() throws Exception {
    script("mvn", "echo 'no network'; exit 1");
    Result failed = run(checkout.resolve("microsam"), Map.of());
    assertEquals(1, failed.exitCode);
    assertTrue(
        failed.err.endsWith("no network\nmicrosam: the build failed; the lines above say why\n"),
        failed.err);
    Result noJava = run(checkout.resolve("microsam"), Map.of("JAVA_HOME", "/nowhere"));
    assertEquals(1, noJava.exitCode);
    assertEquals(
        "microsam: there is no Java at /nowhere/bin/java; install a JDK, 17 or newer\n",
        noJava.err);
  }

  private record Result(int exitCode, List<String> out, String err) {}

  private Result run(Path launcher, Map<String, String> environment, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(args));
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectError(err.toFile());
    builder.environment().remove("JAVA_HOME");
    builder.environment().put("PATH", tools + ":/usr/bin:/bin");
    builder.environment().putAll(environment);
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int exitCode = process.waitFor();
    List<String> lines = new ArrayList<>(List.of(out.split("\n", -1)));
    lines.remove(lines.size() - 1);
    return new Result(exitCode, lines, Files.readString(err));
  }

  private Path makeJar() throws IOException {
    Path jar = checkout.resolve("sam-cli").resolve("target").resolve("microsam.jar");
    Files.createDirectories(jar.getParent());
    return Files.createFile(jar);
  }

  private void script(String name, String body) throws IOException {
    Path script = Files.writeString(tools.resolve(name), "#!/bin/bash\n" + body + "\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}

package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.io.LabelFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTest {
  /** The model of the commands that need a download. */
  private static final String PUBLISHED = "vit_b_lm";

  private static final int MINUTES = 5;

  @TempDir Path folder;

  private static String readme() throws Exception {
    Path here = Path.of("").toAbsolutePath();
    Path file = here.resolve("README.md");
    return Files.readString(Files.exists(file) ? file : here.resolveSibling("README.md"));
  }

  @Test
  void theExampleOfAPromptCompilesAndRuns() throws Exception {
    Path labels = folder.resolve("labels.tif");
    Path overlay = folder.resolve("overlay.png");
    run("OneNucleus", image(), labels, overlay);
    assertEquals(90, LabelFile.read(labels).dimension(0));
    assertEquals(70, ImageIO.read(overlay.toFile()).getHeight());
  }

  @Test
  void theExampleOfAutomaticSegmentationCompilesAndRuns() throws Exception {
    Path labels = folder.resolve("labels.tif");
    run("AllObjects", image(), labels);
    assertEquals(70, LabelFile.read(labels).dimension(1));
  }

  private Path image() throws Exception {
    Path image = folder.resolve("image.png");
    ImageIO.write(new BufferedImage(90, 70, BufferedImage.TYPE_BYTE_GRAY), "png", image.toFile());
    return image;
  }

  /** Compiles the README's class of a name, as it is printed, and runs it. */
  private void run(String name, Path... arguments) throws Exception {
    String source =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
            .matcher(readme())
            .results()
            .map(block -> block.group(1))
            .filter(block -> block.contains("public class " + name + " "))
            .findFirst()
            .orElseThrow();
    Path file = folder.resolve(name + ".java");
    Files.writeString(file, source);
    JavaProgram.run(file, folder, arguments);
  }

  /**
   * In the order of the README, each in a process of its own; later ones read what earlier wrote.
   */
  @Test
  void everyCommandThatNeedsNoDownloadRuns() throws Exception {
    copyExamples();
    List<List<String>> commands = commands();
    assertTrue(commands.size() >= 12, commands.toString());
    for (List<String> command : commands) {
      // Throws for what does not exist.
      Main.commandLine(new Host(false, () -> null)).parseArgs(command.toArray(new String[0]));
      if (!command.contains(PUBLISHED)) {
        assertEquals(0, exitCode(command), () -> command + ": " + log());
      }
    }
    assertTrue(Files.size(folder.resolve("segmented/nuclei_overlay.png")) > 0);
    assertTrue(Files.readString(folder.resolve("scores.csv")).contains("mSA"));
  }

  private static List<List<String>> commands() throws Exception {
    return readme()
        .lines()
        .filter(l -> l.startsWith("./microsam "))
        .map(l -> l.substring("./microsam ".length()).replaceAll("\\s+#.*", ""))
        .map(l -> List.of(l.split(" ", -1)))
        .toList();
  }

  private void copyExamples() throws IOException {
    Path here = Path.of("").toAbsolutePath();
    Path from = here.resolve("examples");
    Path examples = Files.exists(from) ? from : here.resolveSibling("examples");
    for (String name : List.of("nuclei.png", "tissue.png", "labels/nuclei.png")) {
      Path to = folder.resolve("examples").resolve(name);
      Files.createDirectories(to.getParent());
      Files.copy(examples.resolve(name), to);
    }
  }

  private int exitCode(List<String> command) throws Exception {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    words.add(Main.class.getName());
    words.addAll(command);
    Process process =
        new ProcessBuilder(words)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    try {
      assertTrue(process.waitFor(MINUTES, TimeUnit.MINUTES), () -> command + ": " + log());
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.io.LabelFile;
import io.github.microsam.weights.SamWeights;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder examples, at the root of the repository. */
class ExamplesTest {
  @TempDir Path folder;

  private static Path examples() {
    Path here = Path.of("").toAbsolutePath();
    Path below = here.resolve("examples");
    return Files.isDirectory(below) ? below : here.resolveSibling("examples");
  }

  @Test
  void theImagesAreWhatTheirCommandsMake() throws Exception {
    List<String> commands =
        Files.readAllLines(examples().resolve("README.md")).stream()
            .filter(line -> line.startsWith("./microsam synthesize -o made "))
            .toList();
    assertEquals(5, commands.size());
    for (String command : commands) {
      String options = command.replace("./microsam ", "").replace("-o made", "-o " + folder);
      CommandRun.of((Object[]) options.split(" ", -1)).output();
      String kind = command.replaceAll(".*--kind (\\S+).*", "$1");
      String made = kind + "_001.png";
      assertSamePixels(examples().resolve(kind + ".png"), folder.resolve("images").resolve(made));
      assertSamePixels(
          examples().resolve("labels").resolve(kind + ".png"),
          folder.resolve("labels").resolve(made));
    }
  }

  private static void assertSamePixels(Path kept, Path made) throws Exception {
    BufferedImage expected = ImageIO.read(made.toFile());
    BufferedImage image = ImageIO.read(kept.toFile());
    assertEquals(expected.getSampleModel().getNumBands(), image.getSampleModel().getNumBands());
    assertEquals(expected.getWidth(), image.getWidth(), kept.toString());
    assertEquals(expected.getHeight(), image.getHeight(), kept.toString());
    assertArrayEquals(pixels(expected), pixels(image), kept.toString());
  }

  private static int[] pixels(BufferedImage image) {
    return image.getRaster().getPixels(0, 0, image.getWidth(), image.getHeight(), (int[]) null);
  }

  @Test
  void aFolderIsSegmented() throws Exception {
    synthesize(1);
    Path results = folder.resolve("results");
    run("SegmentFolder", folder.resolve("images"), results);
    assertEquals(96, LabelFile.read(results.resolve("nuclei_001_labels.tif")).dimension(0));
    assertTrue(Files.exists(results.resolve("nuclei_001_overlay.png")));
  }

  @Test
  void theIncludedModelIsFineTuned() throws Exception {
    synthesize(3);
    Path model = folder.resolve("mine.safetensors");
    run("FineTune", folder.resolve("images"), folder.resolve("labels"), model, Path.of("1"));
    try (SamWeights weights = SamWeights.open(model)) {
      weights.requireComplete();
      assertEquals(null, weights.metadata().get("microsam.name"), "it is another model now");
      assertEquals("native", weights.metadata().get("microsam.resolution"));
    }
    Path labels = folder.resolve("labels.tif");
    CommandRun.of("segment", folder.resolve("images/nuclei_001.png"), "-m", model, "-o", labels)
        .output();
  }

  private void synthesize(int count) {
    CommandRun.of("synthesize", "-o", folder, "--count", count, "--size", "96x96").output();
  }

  @Test
  void theProjectDependsOnThisVersion() throws Exception {
    String pom = Files.readString(examples().resolve("pom.xml"));
    String parent = Files.readString(examples().resolveSibling("pom.xml"));
    Pattern version = Pattern.compile("<artifactId>microsam</artifactId>\\s*<version>([^<]+)<");
    Matcher found = version.matcher(parent);
    assertTrue(found.find());
    Matcher used =
        Pattern.compile("<groupId>io.github.microsam</groupId>[^v]+<version>([^<]+)<").matcher(pom);
    List<String> versions = used.results().map(m -> m.group(1)).toList();
    assertEquals(List.of(found.group(1), found.group(1)), versions);
  }

  /** Compiles a program of the folder and runs it. */
  private void run(String name, Path... arguments) throws Exception {
    Path classes = Files.createDirectories(folder.resolve("classes"));
    JavaProgram.run(examples().resolve(name + ".java"), classes, arguments);
  }
}

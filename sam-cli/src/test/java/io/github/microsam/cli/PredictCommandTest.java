package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.golden.Fill;
import io.github.microsam.golden.Golden;
import io.github.microsam.image.ImageSource;
import io.github.microsam.io.ImageFile;
import io.github.microsam.io.LabelFile;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.ImageEmbedding;
import io.github.microsam.prompt.Prediction;
import io.github.microsam.prompt.Prompt;
import io.github.microsam.prompt.SamPredictor;
import io.github.microsam.weights.ModelCache;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import net.imglib2.Cursor;
import net.imglib2.RandomAccess;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.BooleanType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PredictCommandTest {
  private static final int WIDTH = 100;
  private static final int HEIGHT = 80;

  @TempDir static Path shared;
  @TempDir Path folder;

  private static Path model;
  private static Path image;

  @BeforeAll
  static void makeModelAndImage() throws IOException {
    model = TinyModel.withoutDecoder(shared.resolve("tiny.safetensors"));
    image = shared.resolve("cells.png");
    byte[] rgb = Fill.image(HEIGHT, WIDTH);
    BufferedImage picture = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
      int packed =
          (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | (rgb[3 * i + 2] & 0xff);
      picture.setRGB(i % WIDTH, i / WIDTH, packed);
    }
    ImageIO.write(picture, "png", image.toFile());
  }

  private CommandRun predict(Object... options) {
    Object[] all = new Object[options.length + 8];
    Object[] fixed = {
      "predict",
      image,
      "--model",
      model,
      "-o",
      folder.resolve("labels.tif"),
      "--overlay",
      folder.resolve("overlay.png")
    };
    System.arraycopy(fixed, 0, all, 0, 8);
    System.arraycopy(options, 0, all, 8, options.length);
    return CommandRun.of(all);
  }

  /** The object of the first prompt must be what the library predicts for it. */
  private void assertFirstObjectIs(Prompt prompt, Path checkpoint, Path labels) {
    try (SamModel sam = SamModel.load(checkpoint)) {
      SamPredictor predictor = new SamPredictor(sam);
      ImageEmbedding embedding = predictor.embed(ImageSource.of(ImageFile.open(image).plane()));
      Prediction expected = predictor.predict(embedding, prompt);
      RandomAccess<UnsignedIntType> label = LabelFile.read(labels).randomAccess();
      Cursor<? extends BooleanType<?>> mask =
          ((RandomAccessibleInterval<? extends BooleanType<?>>) expected.mask()).localizingCursor();
      long differing = 0;
      while (mask.hasNext()) {
        boolean inside = mask.next().get();
        differing += inside == (label.setPositionAndGet(mask).getInteger() == 1) ? 0 : 1;
      }
      assertEquals(0, differing, "pixels that differ");
    }
  }

  @Test
  void aBoxGivesLabelsAndOverlay() throws IOException {
    String output = predict("--box", "20,20,60,50").output();
    assertTrue(output.startsWith("1: "), output);
    assertTrue(output.contains("predicted IoU"), output);
    assertFirstObjectIs(Prompt.box(20, 20, 60, 50), model, folder.resolve("labels.tif"));
    BufferedImage overlay = ImageIO.read(folder.resolve("overlay.png").toFile());
    assertEquals(WIDTH, overlay.getWidth());
    assertEquals(HEIGHT, overlay.getHeight());
  }

  @ParameterizedTest
  @ValueSource(strings = {"small_plain.pth", "small_export_with_decoder.pt", "small_lora.pt"})
  void convertedGoldenCheckpointsPredict(String file) {
    Path converted = folder.resolve("converted.safetensors");
    CommandRun.of("convert", "--merge-lora", Golden.shared("golden/checkpoints/" + file), converted)
        .output();
    CommandRun.of(
            "predict",
            image,
            "--model",
            converted,
            "--point",
            "50,40",
            "-o",
            folder.resolve("labels.tif"),
            "--overlay",
            folder.resolve("overlay.png"))
        .output();
    assertFirstObjectIs(Prompt.point(50, 40), converted, folder.resolve("labels.tif"));
  }

  @Test
  void withoutAModelItIsTheIncludedOne() {
    Path labels = folder.resolve("labels.tif");
    CommandRun.of(
            "predict",
            image,
            "--point",
            "50,40",
            "-o",
            labels,
            "--overlay",
            folder.resolve("overlay.png"))
        .output();
    Path copy = folder.resolve("copy.safetensors");
    CommandRun.of("convert", "nano", copy).output();
    assertFirstObjectIs(Prompt.point(50, 40), copy, labels);
  }

  @Test
  void allPointsAreOneObject() {
    predict("--point", "30,30", "--point", "40,35", "--negative", "80,70").output();
    Prompt prompt =
        Prompt.points(new double[][] {{30, 30}, {40, 35}, {80, 70}}, new int[] {1, 1, 0});
    assertFirstObjectIs(prompt, model, folder.resolve("labels.tif"));
  }

  @Test
  void pointsSayMoreAboutASingleBox() {
    predict("--box", "20,20,60,50", "--negative", "80,70").output();
    Prompt prompt = Prompt.box(20, 20, 60, 50).and(Prompt.negative(80, 70));
    assertFirstObjectIs(prompt, model, folder.resolve("labels.tif"));
  }

  @Test
  void promptFilesOfBothFormsMeanTheSame() throws IOException {
    Path json = folder.resolve("p.json");
    Files.writeString(
        json,
        "[{\"box\": [20, 20, 60, 50], \"points\": [[80, 70]], \"labels\": [0]},"
            + " {\"points\": [[30, 30], [40, 35]]}]");
    Path csv = folder.resolve("p.csv");
    Files.writeString(
        csv,
        """
        object,type,x,y,x1,y1
        a,box,20,20,60,50
        b,point,30,30,,
        a,negative,80,70,,
        b,point,40,35,,
        """);
    String first = predict("--prompts", json).output();
    String second = predict("--prompts", csv, "--overwrite").output();
    assertEquals(first, second);
    assertEquals(4, first.lines().count(), first);
  }

  @Test
  void existingFilesAreKept() {
    predict("--box", "20,20,60,50").output();
    String error = predict("--box", "20,20,60,50").failure();
    assertTrue(error.contains("exists already; --overwrite replaces it"), error);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--box 20,20,60 | expected 4 numbers",
        "--point a,b | expected 2 numbers",
        "--box 1,1,9,9 --box 2,2,8,8 --point 3,3 | Which of the boxes",
        "--prompts x.json --point 3,3 | give either"
      })
  void wrongCommandLinesAreExplained(String options, String message) {
    String error = predict((Object[]) options.split(" ", -1)).misuse();
    assertTrue(error.contains(message), error);
  }

  @Test
  void nothingToPredictIsAMistake() {
    assertTrue(predict().misuse().contains("Which objects?"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--point 500,10 | lies outside the image of 100 x 80 pixels",
        "--box 30,30,30,60 | box",
        "--prompts nowhere.json | Cannot read the prompts"
      })
  void badPromptsAreExplainedAndNothingIsWritten(String options, String message) {
    String error = predict((Object[]) options.split(" ", -1)).failure();
    assertTrue(error.contains(message), error);
    assertFalse(Files.exists(folder.resolve("labels.tif")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[{}] | object 1: It has neither a box nor points",
        "[{\"box\": [1,2,3]}] | 4 numbers",
        "[{\"box\": | not a list of prompts",
        "a,b,c | columns object,type,x,y,x1,y1",
        "[] | has no prompts"
      })
  void badPromptFilesAreExplained(String text, String message) throws IOException {
    Path file = folder.resolve("prompts");
    Files.writeString(file, text);
    String error = predict("--prompts", file).failure();
    assertTrue(error.contains(message), error);
  }

  @Test
  void anUnknownModelIsExplained() {
    String error =
        CommandRun.with(
                ModelCache::ofEnvironment,
                "predict",
                image,
                "-o",
                folder.resolve("l.tif"),
                "--overlay",
                folder.resolve("o.png"),
                "--model",
                "vit_x",
                "--point",
                "1,1")
            .failure();
    assertTrue(error.contains("neither a file nor a model's name"), error);
  }
}

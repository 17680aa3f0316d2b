package io.github.microsam.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.microsam.image.ImageException;
import io.github.microsam.zarr.ZarrFormat;
import io.github.microsam.zarr.ZarrGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFilesTest {
  @TempDir Path folder;

  @BeforeEach
  void files() throws IOException {
    Files.createDirectories(folder.resolve("plate1"));
    Files.createDirectories(folder.resolve("plate2/deep"));
    for (String name :
        List.of(
            "b.tif",
            "a.TIFF",
            "c.png",
            "notes.txt",
            ".hidden.tif",
            "plate1/x.tif",
            "plate1/y.tif",
            "plate2/x.tif",
            "plate2/deep/z.tif")) {
      Files.createFile(folder.resolve(name));
    }
    JsonObject image = new JsonObject();
    image.add("multiscales", JsonParser.parseString("[{}]"));
    ZarrGroup.create(folder.resolve("d.ome.zarr"), ZarrFormat.V2, g -> g.setAttributes(image));
    ZarrGroup.create(folder.resolve("embeddings.zarr"), ZarrFormat.V2, g -> {});
  }

  @Test
  void aFolderIsItsImagesSortedWithoutSubfolders() {
    assertEquals(
        List.of("a.TIFF", "b.tif", "c.png", "d.ome.zarr"), names(List.of(folder.toString())));
  }

  @Test
  void aFileIsItselfWhateverItsEnding() {
    assertEquals(List.of("notes.txt"), names(List.of(folder + "/notes.txt")));
    assertEquals(List.of("d.ome.zarr"), names(List.of(folder + "/d.ome.zarr")));
  }

  @Test
  void patternsMatchInFolders() {
    assertEquals(List.of("b.tif"), names(List.of(folder + "/?.tif")));
    assertEquals(List.of("plate1/x.tif", "plate2/x.tif"), names(List.of(folder + "/plate?/x.tif")));
    assertEquals(
        List.of("plate1/x.tif", "plate1/y.tif", "plate2/deep/z.tif", "plate2/x.tif"),
        names(List.of(folder + "/plate*/**.tif")));
    assertEquals(List.of("b.tif", "c.png"), names(List.of(folder + "/[bc].{tif,png}")));
    assertEquals(List.of("d.ome.zarr"), names(List.of(folder + "/*.zarr")));
  }

  @Test
  void imagesNamedTwiceAreListedOnce() {
    assertEquals(
        List.of("c.png", "a.TIFF", "b.tif", "d.ome.zarr"),
        names(List.of(folder + "/c.png", folder.toString(), folder + "/b.tif")));
  }

  @Test
  void aFileWhoseNameLooksLikeAPatternIsFound() throws IOException {
    Files.createFile(folder.resolve("cell[1].tif"));
    assertEquals(List.of("cell[1].tif"), names(List.of(folder + "/cell[1].tif")));
  }

  @Test
  void whatIsNotThereIsTold() throws IOException {
    Files.createDirectories(folder.resolve("empty"));
    for (String name :
        List.of(
            folder + "/missing.tif",
            folder + "/*.jpg",
            folder + "/none/*.tif",
            folder + "/empty")) {
      ImageException e = assertThrows(ImageException.class, () -> ImageFiles.of(List.of(name)));
      assertTrue(e.getMessage().contains(name), e::getMessage);
    }
  }

  private List<String> names(List<String> arguments) {
    return ImageFiles.of(arguments).stream()
        .map(path -> folder.relativize(path).toString().replace('\\', '/'))
        .toList();
  }
}

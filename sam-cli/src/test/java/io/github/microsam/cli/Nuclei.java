package io.github.microsam.cli;

import io.github.microsam.io.LabelFile;
import io.github.microsam.train.data.LabelledPlane;
import io.github.microsam.train.synthetic.SyntheticCells;
import io.github.microsam.train.synthetic.SyntheticKind;
import io.github.microsam.train.synthetic.SyntheticOptions;
import java.nio.file.Path;
import net.imglib2.img.array.ArrayImgs;

/** A synthetic image of nuclei and its true labels. */
final class Nuclei {
  private static final int WIDTH = 80;
  private static final int HEIGHT = 60;

  private Nuclei() {}

  /** Writes {@code images/a.png} and {@code truth/a.png}. */
  static void write(Path folder) {
    LabelledPlane plane =
        SyntheticCells.generate(
            SyntheticOptions.of(SyntheticKind.NUCLEI).withSize(WIDTH, HEIGHT), 1);
    LabelFile.write(
        folder.resolve("images/a.png"),
        ArrayImgs.unsignedBytes(plane.image().pixels(), WIDTH, HEIGHT));
    LabelFile.write(
        folder.resolve("truth/a.png"), ArrayImgs.unsignedInts(plane.labels(), WIDTH, HEIGHT));
  }
}

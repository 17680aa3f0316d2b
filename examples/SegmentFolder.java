import io.github.microsam.image.ImageSource;
import io.github.microsam.io.ImageFile;
import io.github.microsam.io.ImageFiles;
import io.github.microsam.io.LabelFile;
import io.github.microsam.io.Overlay;
import io.github.microsam.model.SamModel;
import io.github.microsam.segment.AutomaticSegmentation;
import io.github.microsam.segment.Mode;
import io.github.microsam.segment.Segmentation;
import java.nio.file.Path;
import java.util.List;

/** Segments all images of a folder. Arguments: the folder, and one for the results. */
public class SegmentFolder {
  public static void main(String[] args) {
    Path results = Path.of(args[1]);
    try (SamModel model = SamModel.byName("nano")) {
      AutomaticSegmentation automatic = AutomaticSegmentation.of(model, Mode.AUTO);
      for (Path file : ImageFiles.of(List.of(args[0]))) {
        ImageSource image = ImageSource.of(ImageFile.open(file).plane());
        Segmentation objects = automatic.segment(image, automatic.defaults());
        String name = file.getFileName().toString().replaceFirst("\\.[^.]+$", "");
        // The value of a pixel in the label image is the number of its object, 0 is background.
        LabelFile.write(results.resolve(name + "_labels.tif"), objects.labels());
        Overlay.defaults(image.width(), image.height())
            .write(results.resolve(name + "_overlay.png"), image, objects.labels());
        System.out.println(file + ": " + objects.count() + " objects");
      }
    }
  }
}

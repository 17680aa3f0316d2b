package io.github.microsam.io;

import io.github.microsam.image.ImageException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.plugins.tiff.BaselineTIFFTagSet;
import javax.imageio.plugins.tiff.TIFFDirectory;
import javax.imageio.plugins.tiff.TIFFField;
import javax.imageio.stream.FileImageInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pages of an open image file, in the JDK's reader for its format. */
final class Pages implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Pages.class);

  private final Path path;
  private final FileImageInputStream stream;
  private final ImageReader reader;

  private Pages(Path path, FileImageInputStream stream, ImageReader reader) {
    this.path = path;
    this.stream = stream;
    this.reader = reader;
  }

  /** Reads something from a file. */
  interface Reading<T> {
    T from(Pages pages) throws IOException;
  }

  /** Opens a file, reads from it and closes it; whatever its content causes is told as such. */
  static <T> T read(Path path, Reading<T> reading) {
    if (!Files.isRegularFile(path)) {
      throw new ImageException(
          path
              + (Files.exists(path) ? " is a folder" : " does not exist")
              + ", expected an image.");
    }
    try (Pages pages = open(path)) {
      return reading.from(pages);
    } catch (ImageException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // the JDK's decoders throw any on broken files
      throw new ImageException(
          path
              + " cannot be read as an image ("
              + e
              + "): it is damaged, or of a kind that"
              + " is not supported; opening it and saving it again as plain TIFF may help.",
          e);
    }
  }

  private static Pages open(Path path) throws IOException {
    FileImageInputStream stream = new FileImageInputStream(path.toFile());
    Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
    if (!readers.hasNext()) {
      stream.close();
      throw new ImageException(
          path + " is no image of a known format, expected TIFF, PNG, JPEG, BMP or GIF.");
    }
    ImageReader reader = readers.next();
    reader.setInput(stream);
    reader.addIIOReadWarningListener((source, warning) -> LOG.warn("{}: {}", path, warning));
    return new Pages(path, stream, reader);
  }

  int count() throws IOException {
    return reader.getNumImages(true);
  }

  int width(int page) throws IOException {
    return reader.getWidth(page);
  }

  int height(int page) throws IOException {
    return reader.getHeight(page);
  }

  BufferedImage image(int page) throws IOException {
    long pixels = (long) reader.getWidth(page) * reader.getHeight(page);
    if (pixels > Integer.MAX_VALUE / 4) {
      throw new ImageException(
          "%s has %d x %d pixels, more than the %d that this reader takes: convert it to OME-Zarr"
                  .formatted(
                      path, reader.getWidth(page), reader.getHeight(page), Integer.MAX_VALUE / 4)
              + " or cut it into pieces.");
    }
    return reader.read(page);
  }

  /** How the samples of a page are stored. */
  ImageTypeSpecifier type(int page) throws IOException {
    return reader.getImageTypes(page).next();
  }

  /** The description of a TIFF file, empty where there is none. */
  String description() throws IOException {
    TIFFField field = field(0, BaselineTIFFTagSet.TAG_IMAGE_DESCRIPTION);
    return field == null ? "" : field.getAsString(0);
  }

  /** Whether the integers of a page are meant to be signed. */
  boolean signed(int page) throws IOException {
    TIFFField field = field(page, BaselineTIFFTagSet.TAG_SAMPLE_FORMAT);
    return field != null && field.getAsInt(0) == BaselineTIFFTagSet.SAMPLE_FORMAT_SIGNED_INTEGER;
  }

  private TIFFField field(int page, int tag) throws IOException {
    if (!reader.getFormatName().equalsIgnoreCase("tif")
        && !reader.getFormatName().equalsIgnoreCase("tiff")) {
      return null;
    }
    IIOMetadata metadata = reader.getImageMetadata(page);
    return TIFFDirectory.createFromMetadata(metadata).getTIFFField(tag);
  }

  @Override
  public void close() throws IOException {
    reader.dispose();
    stream.close();
  }
}

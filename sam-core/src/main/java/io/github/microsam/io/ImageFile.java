package io.github.microsam.io;

import io.github.microsam.image.ImageException;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageTypeSpecifier;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.Img;
import net.imglib2.type.numeric.RealType;
import net.imglib2.view.Views;

/**
 * An image in a TIFF, PNG, JPEG, BMP or GIF file or in a Zarr, whose planes are read when they are
 * asked for.
 *
 * <pre>{@code
 * ImageFile file = ImageFile.open(Path.of("cells.tif"));
 * RandomAccessibleInterval<? extends RealType<?>> image = file.plane();      // (x, y) or (x, y, channel)
 * }</pre>
 *
 * <p>TIFF with 1, 8, 16 or 32 bit integers, floats or doubles, in strips or tiles, uncompressed,
 * LZW, Deflate, PackBits or JPEG; stacks, and the hyperstacks of ImageJ. Other TIFF files with
 * several pages are stacks of slices. Pixels keep their type; palettes become colours, or one
 * channel if all of the colours are grey; alpha is left out.
 *
 * <p>OME-Zarr 0.1 to 0.5: the folder {@code cells.ome.zarr} is the image at full resolution, {@code
 * cells.ome.zarr/1} its next level. Other Zarr arrays of two to five axes are (y, x), (z, y, x),
 * (c, z, y, x) and (t, c, z, y, x), or end with three or four colours.
 *
 * <p>No file stays open. Immutable, may be shared by threads.
 *
 * @param path where the file is
 * @param width width in pixels
 * @param height height in pixels
 * @param channels values a pixel
 * @param slices planes of a volume
 * @param frames points in time
 */
public record ImageFile(Path path, int width, int height, int channels, int slices, int frames) {

  /**
   * Reads the sizes of an image, without its pixels.
   *
   * @param path of an existing file
   * @return the image
   * @throws ImageException if there is no such file, or it is damaged or of an unknown kind
   */
  public static ImageFile open(Path path) {
    if (ZarrImage.isAt(path)) {
      return ZarrImage.open(path).file();
    }
    return Pages.read(
        path,
        pages -> {
          StackLayout layout = layout(pages);
          return new ImageFile(
              path,
              pages.width(0),
              pages.height(0),
              layout.channels() * channels(pages),
              layout.slices(),
              layout.frames());
        });
  }

  /**
   * Reads the only plane of the image.
   *
   * @return (x, y) if there is one channel, else (x, y, channel)
   * @throws ImageException if there are several planes, or the file is damaged
   */
  public RandomAccessibleInterval<? extends RealType<?>> plane() {
    if (slices != 1 || frames != 1) {
      throw new ImageException(
          "%s is a stack of %d slices and %d frames, expected a single plane: say which one."
              .formatted(path, slices, frames));
    }
    return plane(0, 0);
  }

  /**
   * Reads one plane of a stack.
   *
   * @param slice which slice, from 0
   * @param frame which point in time, from 0
   * @return (x, y) if there is one channel, else (x, y, channel)
   * @throws ImageException if the file is damaged
   * @throws IndexOutOfBoundsException if there is no such plane
   */
  public RandomAccessibleInterval<? extends RealType<?>> plane(int slice, int frame) {
    if (slice < 0 || slice >= slices || frame < 0 || frame >= frames) {
      throw new IndexOutOfBoundsException(
          "slice %d of %d, frame %d of %d of %s".formatted(slice, slices, frame, frames, path));
    }
    return ZarrImage.isAt(path)
        ? ZarrImage.open(path).plane(slice, frame)
        : Pages.read(path, pages -> read(pages, slice, frame));
  }

  private RandomAccessibleInterval<? extends RealType<?>> read(Pages pages, int slice, int frame)
      throws IOException {
    StackLayout layout = layout(pages);
    boolean signed = pages.signed(0);
    Img<? extends RealType<?>> all = null;
    int perPage = channels / layout.channels();
    for (int c = 0; c < layout.channels(); c++) {
      int page = layout.page(c, slice, frame);
      BufferedImage image = pages.image(page);
      Samples samples = Samples.of(image.getColorModel());
      if (image.getWidth() != width
          || image.getHeight() != height
          || samples.channels(image.getColorModel()) != perPage) {
        throw new ImageException(
            "Page %d of %s has %d x %d pixels of %d channels, expected %d x %d of %d as in the first"
                    .formatted(
                        page,
                        path,
                        image.getWidth(),
                        image.getHeight(),
                        samples.channels(image.getColorModel()),
                        width,
                        height,
                        perPage)
                + ": save the pages as files of their own.");
      }
      if (all == null) {
        int type = image.getRaster().getTransferType();
        all = samples.create(type, signed, width, height, channels);
      }
      samples.copy(image, signed, all, c * perPage);
    }
    return channels == 1 ? Views.hyperSlice(all, 2, 0) : all;
  }

  private static StackLayout layout(Pages pages) throws IOException {
    int count = pages.count();
    if (count < 1) {
      throw new IOException("no page");
    }
    StackLayout layout = StackLayout.of(count, pages.description());
    // Pages of colours in a stack of several channels: nothing writes these, and what is a channel?
    return channels(pages) > 1 ? new StackLayout(1, count, 1) : layout;
  }

  private static int channels(Pages pages) throws IOException {
    ImageTypeSpecifier type = pages.type(0);
    ColorModel model = type.getColorModel();
    return Samples.of(model).channels(model);
  }
}

package io.github.microsam.io;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.plugins.tiff.BaselineTIFFTagSet;
import javax.imageio.plugins.tiff.TIFFDirectory;
import javax.imageio.plugins.tiff.TIFFField;
import javax.imageio.plugins.tiff.TIFFTag;
import javax.imageio.stream.FileImageOutputStream;
import net.imglib2.RandomAccess;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.IntegerType;

/** Planes of labels as pages of a file, through the JDK's writers. */
final class LabelPages {
  private static final int SAMPLE_FORMAT_UNSIGNED = 1;
  private static final int STRIP_BYTES = 1 << 18;

  /**
   * Of the writer's scale, whose default, 1, is Deflate's level 9: on label images it takes eight
   * times as long as level 6, which this is, for files that are a hundredth smaller.
   */
  private static final float COMPRESSION_QUALITY = 0.65f;

  private final RandomAccessibleInterval<? extends IntegerType<?>> labels;
  private final int width;
  private final int height;
  private final int count;
  private final int bytes;

  LabelPages(RandomAccessibleInterval<? extends IntegerType<?>> labels, boolean wide) {
    this.labels = labels;
    this.width = Math.toIntExact(labels.dimension(0));
    this.height = Math.toIntExact(labels.dimension(1));
    this.count = labels.numDimensions() == 2 ? 1 : Math.toIntExact(labels.dimension(2));
    this.bytes = wide ? 4 : 2;
  }

  void writePng(Path path) throws IOException {
    try (FileImageOutputStream out = new FileImageOutputStream(path.toFile())) {
      ImageIO.write(page(0), "png", out);
    }
  }

  void writeTiff(Path path) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("tiff").next();
    try (FileImageOutputStream out = new FileImageOutputStream(path.toFile())) {
      writer.setOutput(out);
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionType("ZLib"); // the Deflate that tifffile reads without further packages
      param.setCompressionQuality(COMPRESSION_QUALITY);
      writer.prepareWriteSequence(littleEndian(writer, param));
      for (int i = 0; i < count; i++) {
        BufferedImage page = page(i);
        writer.writeToSequence(
            new IIOImage(page, null, tags(writer, param, page, i == 0 && count > 1)), param);
      }
      writer.endWriteSequence();
    } finally {
      writer.dispose();
    }
  }

  /** Pillow swaps the bytes of compressed 32-bit pixels once too often if they are big-endian. */
  private static IIOMetadata littleEndian(ImageWriter writer, ImageWriteParam param)
      throws IOException {
    IIOMetadata metadata = writer.getDefaultStreamMetadata(param);
    String format = metadata.getNativeMetadataFormatName();
    IIOMetadataNode root = (IIOMetadataNode) metadata.getAsTree(format);
    ((IIOMetadataNode) root.getFirstChild()).setAttribute("value", "LITTLE_ENDIAN");
    metadata.setFromTree(format, root);
    return metadata;
  }

  private IIOMetadata tags(
      ImageWriter writer, ImageWriteParam param, BufferedImage page, boolean describeStack)
      throws IOException {
    IIOMetadata metadata =
        writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(page), param);
    TIFFDirectory tags = TIFFDirectory.createFromMetadata(metadata);
    BaselineTIFFTagSet set = BaselineTIFFTagSet.getInstance();
    tags.addTIFFField(
        new TIFFField(
            set.getTag(BaselineTIFFTagSet.TAG_SAMPLE_FORMAT),
            TIFFTag.TIFF_SHORT,
            1,
            new char[] {SAMPLE_FORMAT_UNSIGNED}));
    tags.addTIFFField(
        new TIFFField(
            set.getTag(BaselineTIFFTagSet.TAG_ROWS_PER_STRIP),
            Math.max(1, Math.min(height, STRIP_BYTES / (width * bytes)))));
    if (describeStack) {
      String description =
          "ImageJ=1.54p\nimages=%d\nslices=%d\nloop=false\n".formatted(count, count);
      tags.addTIFFField(
          new TIFFField(
              set.getTag(BaselineTIFFTagSet.TAG_IMAGE_DESCRIPTION),
              TIFFTag.TIFF_ASCII,
              1,
              new String[] {description}));
    }
    return tags.getAsMetadata();
  }

  private BufferedImage page(int index) {
    int type = bytes == 2 ? DataBuffer.TYPE_USHORT : DataBuffer.TYPE_INT;
    ColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_GRAY), false, false, Transparency.OPAQUE, type);
    WritableRaster raster =
        Raster.createWritableRaster(
            new PixelInterleavedSampleModel(type, width, height, 1, width, new int[] {0}), null);
    int[] row = new int[width];
    RandomAccess<? extends IntegerType<?>> access = labels.randomAccess();
    if (labels.numDimensions() == 3) {
      access.setPosition(labels.min(2) + index, 2);
    }
    for (int y = 0; y < height; y++) {
      access.setPosition(labels.min(1) + y, 1);
      for (int x = 0; x < width; x++) {
        access.setPosition(labels.min(0) + x, 0);
        row[x] = (int) access.get().getIntegerLong();
      }
      raster.setSamples(0, y, width, 1, 0, row);
    }
    return new BufferedImage(model, raster, false, null);
  }
}

package io.github.microsam.cli;

import io.github.microsam.embedding.EmbeddingCache;
import io.github.microsam.image.ImageException;
import io.github.microsam.image.ImageSource;
import io.github.microsam.io.ImageFile;
import io.github.microsam.io.ImageFiles;
import io.github.microsam.io.LabelledImage;
import io.github.microsam.io.Overlay;
import io.github.microsam.segment.AutomaticSegmentation;
import io.github.microsam.segment.Segmentation;
import io.github.microsam.segment.SegmentationListener;
import io.github.microsam.segment.SegmentationOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.RealType;

/**
 * Segments images one after another and writes the results. An image that fails does not keep the
 * others from being done.
 *
 * @param automatic segments
 * @param options of the modes
 * @param mask where to segment
 * @param embeddings caches that are used
 * @param overwrite whether results that exist are replaced
 */
record SegmentRun(
    AutomaticSegmentation automatic,
    SegmentationOptions options,
    Optional<Path> mask,
    Optional<SegmentEmbeddings> embeddings,
    boolean overwrite) {

  void run(Map<Path, SegmentTargets> targets, SegmentReport report) {
    report.begin(targets.size());
    try (Interruption interruption = new Interruption(report::interrupted)) {
      for (Map.Entry<Path, SegmentTargets> target : targets.entrySet()) {
        try {
          segment(target.getKey(), target.getValue(), report, interruption);
        } catch (RuntimeException e) {
          report.failed(target.getKey(), e);
        }
      }
    } finally {
      report.end();
    }
  }

  private void segment(
      Path image, SegmentTargets wanted, SegmentReport report, Interruption interruption) {
    long start = System.nanoTime();
    ImageFile file = ImageFile.open(image);
    if (file.slices() > 1 && file.frames() > 1) {
      throw new ImageException(
          "%s has %d slices at %d points in time, expected a plane or a stack: save the volumes as files of their own."
              .formatted(image, file.slices(), file.frames()));
    }
    int planes = file.slices() * file.frames();
    SegmentTargets files =
        planes > 1 && wanted.overlayIfPossible() ? wanted.withoutOverlay() : wanted;
    if (planes > 1 && files.overlay().isPresent()) {
      throw new ImageException(
          image + " is a stack of " + planes + " planes; --overlay is for single planes.");
    }
    List<ImageSource> sources =
        IntStream.range(0, planes).<ImageSource>mapToObj(i -> new LazyPlane(file, i)).toList();
    Segmentation objects =
        embeddings.isPresent()
            ? segment(embeddings.get(), image, file, report)
            : segment(sources, report);
    LabelledImage result =
        LabelledImage.of(objects.labels())
            .withPlanes(sources)
            .withIouPredictions(objects.iouPredictions())
            .withImageName(ImageFiles.name(image));
    List<Path> kept = overwrite ? List.of() : files.existing();
    List<Path> written = new ArrayList<>(files.all());
    written.removeAll(kept);
    interruption.whole(
        () -> {
          write(files, written, result, sources.get(0));
          report.done(image, objects.count(), System.nanoTime() - start, written, kept);
        });
  }

  private Segmentation segment(List<ImageSource> planes, SegmentationListener listener) {
    if (mask.isPresent()) {
      requirePlane(planes.size());
      return automatic.segmentWithin(maskPixels(), planes.get(0), options, listener);
    }
    return planes.size() == 1
        ? automatic.segment(planes.get(0), options, listener)
        : automatic.segmentSlices(planes.size(), planes::get, options, listener);
  }

  /** Embedding is the first half of the progress; it ends at once where the cache is whole. */
  private Segmentation segment(
      SegmentEmbeddings caches, Path image, ImageFile file, SegmentReport report) {
    requirePlane(mask.isPresent() ? file.slices() * file.frames() : 1);
    EmbeddingCache cache =
        caches.fill(
            image,
            file,
            automatic.input(file.width(), file.height(), options),
            mask.map(m -> maskPixels()),
            (done, total) -> report.progress(done, 2 * total));
    if (mask.isEmpty()) {
      automatic.unusedState(cache, options).ifPresent(report::unusedState);
    }
    SegmentationListener second = (done, total) -> report.progress(total + done, 2 * total);
    return mask.isPresent()
        ? automatic.segmentWithin(maskPixels(), cache.embeddings(), options, second)
        : automatic.segment(cache, options, second);
  }

  private static void requirePlane(int planes) {
    if (planes > 1) {
      throw new ImageException("--mask is for single planes, not for stacks.");
    }
  }

  private RandomAccessibleInterval<? extends RealType<?>> maskPixels() {
    return ImageFile.open(mask.orElseThrow()).plane();
  }

  private static void write(
      SegmentTargets files, List<Path> wanted, LabelledImage result, ImageSource image) {
    files
        .labels()
        .forEach(
            (format, path) -> {
              if (wanted.contains(path)) {
                format.write(path, result);
              }
            });
    files
        .overlay()
        .filter(wanted::contains)
        .ifPresent(
            path ->
                Overlay.defaults(image.width(), image.height())
                    .write(path, image, result.labels()));
  }
}

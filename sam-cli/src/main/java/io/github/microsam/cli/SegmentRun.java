package io.github.microsam.cli;

import io.github.microsam.image.ImageException;
import io.github.microsam.image.ImageSource;
import io.github.microsam.io.ImageFile;
import io.github.microsam.io.LabelFormat;
import io.github.microsam.io.LabelledImage;
import io.github.microsam.io.Overlay;
import io.github.microsam.segment.AutomaticSegmentation;
import io.github.microsam.segment.Segmentation;
import io.github.microsam.segment.SegmentationListener;
import io.github.microsam.segment.SegmentationOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Segments images one after another and writes the results. An image that fails does not keep the
 * others from being done.
 *
 * @param automatic segments
 * @param options of the modes
 * @param mask where to segment
 * @param overwrite whether results that exist are replaced
 */
record SegmentRun(
    AutomaticSegmentation automatic,
    SegmentationOptions options,
    Optional<Path> mask,
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
      Path image, SegmentTargets files, SegmentReport report, Interruption interruption) {
    long start = System.nanoTime();
    ImageFile file = ImageFile.open(image);
    if (file.slices() > 1 && file.frames() > 1) {
      throw new ImageException(
          "%s has %d slices at %d points in time, expected a plane or a stack: save the volumes as files of their own."
              .formatted(image, file.slices(), file.frames()));
    }
    int planes = file.slices() * file.frames();
    if (planes > 1 && files.overlay().isPresent()) {
      throw new ImageException(
          image + " is a stack of " + planes + " planes; --overlay is for single planes.");
    }
    List<ImageSource> sources =
        IntStream.range(0, planes).<ImageSource>mapToObj(i -> new LazyPlane(file, i)).toList();
    Segmentation objects = segment(sources, report);
    LabelledImage result =
        LabelledImage.of(objects.labels())
            .withPlanes(sources)
            .withIouPredictions(objects.iouPredictions())
            .withImageName(image.getFileName().toString());
    interruption.whole(
        () -> {
          write(files, result, sources.get(0));
          report.done(image, objects.count(), System.nanoTime() - start, files);
        });
  }

  private Segmentation segment(List<ImageSource> planes, SegmentationListener listener) {
    if (mask.isPresent()) {
      if (planes.size() > 1) {
        throw new ImageException("--mask is for single planes, not for stacks.");
      }
      return automatic.segmentWithin(
          ImageFile.open(mask.get()).plane(), planes.get(0), options, listener);
    }
    return planes.size() == 1
        ? automatic.segment(planes.get(0), options, listener)
        : automatic.segmentSlices(planes.size(), planes::get, options, listener);
  }

  private void write(SegmentTargets files, LabelledImage result, ImageSource image) {
    for (Map.Entry<LabelFormat, Path> label : files.labels().entrySet()) {
      if (overwrite || !SegmentTargets.exists(label.getValue())) {
        label.getKey().write(label.getValue(), result);
      }
    }
    files
        .overlay()
        .filter(path -> overwrite || !SegmentTargets.exists(path))
        .ifPresent(
            path ->
                Overlay.defaults(image.width(), image.height())
                    .write(path, image, result.labels()));
  }
}

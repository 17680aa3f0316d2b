package io.github.microsam.weights;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes named tensors to a file.
 *
 * <pre>{@code
 * CheckpointWriter.write(Path.of("model.safetensors"), tensors, Map.of("format", "pt"));
 * }</pre>
 *
 * Tensors are streamed one after the other; no more than a small buffer of them is in memory. The
 * file is written beside its target and moved into place when it is whole, so that the target is
 * either as it was or complete. It may be the very file that the tensors are read from, where the
 * operating system lets a mapped file be replaced (Windows does not, and says so).
 *
 * <p>Stateless; threads may write to different targets at once.
 */
public final class CheckpointWriter {
  private CheckpointWriter() {}

  /**
   * Writes a file in the format that its name tells.
   *
   * @param target a file name that ends with {@code .safetensors}, {@code .pt} or {@code .pth}
   * @param tensors the tensors, in the order in which the file will list them
   * @param metadata texts for the header of a safetensors file; PyTorch's format has no place for
   *     them
   * @throws CheckpointException if the file cannot be written, or two tensors have the same name
   */
  public static void write(
      Path target, Collection<? extends Tensor> tensors, Map<String, String> metadata) {
    write(target, OutputFormat.ofFileName(target), tensors, metadata, ByteProgress.NONE);
  }

  /**
   * Writes a file in a given format.
   *
   * <p>In {@link OutputFormat#PYTORCH} names are split at {@code /} into nested dictionaries:
   * {@code decoder_state/out_conv.bias} is entry {@code out_conv.bias} of the dictionary {@code
   * decoder_state}. Unsigned types wider than a byte need torch 2.3 to be read there.
   *
   * @param target where the file goes
   * @param format the format of the file
   * @param tensors the tensors, in the order in which the file will list them
   * @param metadata texts for the header of a safetensors file; PyTorch's format has no place for
   *     them
   * @param progress is told of the bytes of tensors that are written
   * @throws CheckpointException if the file cannot be written, or two tensors have the same name
   */
  public static void write(
      Path target,
      OutputFormat format,
      Collection<? extends Tensor> tensors,
      Map<String, String> metadata,
      ByteProgress progress) {
    write(target, format, tensors, metadata, progress, () -> {});
  }

  /** Writes a file that appears only if {@code check}, called when all is written, returns. */
  static void write(
      Path target,
      OutputFormat format,
      Collection<? extends Tensor> tensors,
      Map<String, String> metadata,
      ByteProgress progress,
      Runnable check) {
    List<Tensor> list = List.copyOf(tensors);
    checkNames(list);
    long total = list.stream().mapToLong(Tensor::byteSize).sum();
    try (PendingFile file = PendingFile.create(target)) {
      TensorSink sink = new TensorSink(file.channel(), progress, total);
      switch (format) {
        case PYTORCH -> PyTorchEncoder.encode(list, file.channel(), sink);
        case SAFETENSORS -> SafetensorsEncoder.encode(list, metadata, file.channel(), sink);
      }
      check.run();
      file.commit();
    } catch (IOException e) {
      throw failure(target, total, e);
    }
  }

  private static void checkNames(List<Tensor> tensors) {
    Set<String> names = new HashSet<>();
    for (Tensor tensor : tensors) {
      if (!names.add(tensor.name())) {
        throw new CheckpointException("Two tensors are named " + tensor.name() + "; rename one");
      }
    }
  }

  private static CheckpointException failure(Path target, long total, IOException e) {
    String reason = e instanceof FileSystemException fs ? fs.getReason() : e.getMessage();
    if (e instanceof ClosedByInterruptException) {
      reason = "the thread was interrupted";
    } else if (reason != null && reason.startsWith("No space left")) {
      reason = "the disk is full; the file needs " + total + " bytes beside an older " + target;
    } else if (reason == null) {
      reason = e.getClass().getSimpleName();
    }
    return new CheckpointException(
        "Cannot write " + target + ": " + reason + ". The unfinished file is removed.", e);
  }
}

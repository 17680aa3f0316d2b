package io.github.microsam.weights;

import io.github.microsam.golden.FillTensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Measures how long a conversion takes beside a copy of the same file within the kernel, in the
 * same run: 375 MB, a vit_b with weights by formula, warm in the page cache. Prints medians of
 * wall-clock time and of processor time, which tells more on a busy machine.
 *
 * <pre>
 * mvn -q test-compile dependency:build-classpath -Dmdep.outputFile=target/cp -pl weights-convert
 * cd weights-convert
 * java -Xmx256m -cp target/classes:target/test-classes:$(cat target/cp) \
 *     io.github.microsam.weights.ConversionSpeed
 * </pre>
 */
public final class ConversionSpeed {
  private static final int ROUNDS = 15;

  /** Rounds before the virtual machine has compiled what is measured. */
  private static final int WARM_UP = 4;

  private interface Task {
    void run() throws IOException;
  }

  private ConversionSpeed() {}

  /** Takes the folder for the files, by default that for temporary ones. */
  public static void main(String[] args) throws IOException {
    Path parent = Path.of(args.length > 0 ? args[0] : System.getProperty("java.io.tmpdir"));
    Path folder = Files.createTempDirectory(parent, "conversion");
    Path source = folder.resolve("vit_b.pt");
    Path copy = folder.resolve("copy.pt");
    Path torch = folder.resolve("converted.pt");
    Path safetensors = folder.resolve("converted.safetensors");
    try {
      CheckpointWriter.write(source, vitB(), Map.of());
      System.out.printf(
          "%,d bytes, heap %,d%n", Files.size(source), Runtime.getRuntime().maxMemory());
      Conversion plain = Conversion.defaults();
      Map<String, Task> tasks = new LinkedHashMap<>();
      tasks.put("copy", () -> copy(source, copy));
      tasks.put("pt to safetensors", () -> plain.convert(source, safetensors));
      tasks.put("pt to pt", () -> plain.convert(source, torch));
      tasks.put("pt to pt in f16", () -> plain.withDType(DType.F16).convert(source, torch));
      measure(tasks, List.of(copy, torch, safetensors));
    } finally {
      for (Path file : List.of(source, copy, torch, safetensors)) {
        Files.deleteIfExists(file);
      }
      Files.delete(folder);
    }
  }

  private static List<Tensor> vitB() {
    ModelParts parts =
        new SamConfig(VitConfig.VIT_B, MaskDecoderConfig.SAM, Optional.empty()).parts();
    List<Tensor> tensors = new ArrayList<>();
    ExpectedShapes.of(parts, VitConfig.VIT_B.outChannels())
        .forEach((key, shape) -> tensors.add(new FillTensor(key, key, shape)));
    return tensors;
  }

  private static void copy(Path source, Path target) throws IOException {
    try (FileChannel in = FileChannel.open(source);
        FileChannel out =
            FileChannel.open(target, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (long done = 0; done < in.size(); ) {
        done += in.transferTo(done, in.size() - done, out);
      }
    }
  }

  private static void measure(Map<String, Task> tasks, List<Path> targets) throws IOException {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    Map<String, double[][]> seconds = new LinkedHashMap<>();
    tasks.keySet().forEach(name -> seconds.put(name, new double[2][ROUNDS]));
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      for (Map.Entry<String, Task> task : tasks.entrySet()) {
        for (Path target : targets) {
          Files.deleteIfExists(target);
        }
        long wall = System.nanoTime();
        long processor = threads.getCurrentThreadCpuTime();
        task.getValue().run();
        if (round >= 0) {
          double[][] times = seconds.get(task.getKey());
          times[0][round] = (System.nanoTime() - wall) / 1e9;
          times[1][round] = (threads.getCurrentThreadCpuTime() - processor) / 1e9;
        }
      }
    }
    double[][] copies = seconds.get("copy");
    seconds.forEach(
        (name, times) ->
            System.out.printf(
                "%-18s wall %.3f s, %.2f copies; processor %.3f s, %.2f copies%n",
                name,
                median(times[0]),
                median(times[0]) / median(copies[0]),
                median(times[1]),
                median(times[1]) / median(copies[1])));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}

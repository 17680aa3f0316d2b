package io.github.microsam.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableTest {

  @Test
  void recordedResultsBecomeRatiosUnderWhatTheyWereMeasuredOn() throws Exception {
    URL recorded = TableTest.class.getResource("/benchmarks.json");
    assertEquals(
        """
        - processor: Some Processor (avx2)
        - threads: 1
        - system: Linux 6.18.44-fc-v595
        - Java: 17.0.15
        - ND4J: 1.0.0-M2.1
        - oneDNN: 3.11-1.5.13
        - ONNX Runtime: 1.29.0

        | median time, ms (ratio to onnxruntime) | onednn | onnxruntime |
        |---|---:|---:|
        | ImageEncoder, small, size 64 | 12.7 (10.90) | 1.2 (1.00) |

        | peak memory, MB | onednn | onnxruntime |
        |---|---:|---:|
        | ImageEncoder, small, size 64 | 295 | 307 |

        | memory growth, MB | microsam |
        |---|---:|
        | PredictionMemory, small, size 64 | 7.2 |
        """,
        Table.of(Path.of(recorded.toURI())));
  }

  @Test
  void theMethodsOfABenchmarkHaveRowsOfTheirOwn(@TempDir Path folder) throws Exception {
    String result =
        """
        {"benchmark": "b.PointGridBenchmark.%s", "params": {"size": "256"}, "jvmArgs": [],
         "primaryMetric": {"rawData": [[%d, 9, 1]]}, "secondaryMetrics": {}}
        """;
    Path file = folder.resolve("results.json");
    Files.writeString(
        file, "[" + result.formatted("decode", 3) + "," + result.formatted("generate", 4) + "]");
    String table = Table.of(file);
    assertTrue(table.contains("| PointGrid.decode, size 256 | 3.0 |"), table);
    assertTrue(table.contains("| PointGrid.generate, size 256 | 4.0 |"), table);
  }
}

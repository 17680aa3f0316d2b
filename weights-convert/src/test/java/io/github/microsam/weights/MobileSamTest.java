package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.golden.Golden;
import io.github.microsam.weights.pickle.HeapBudget;
import io.github.microsam.weights.pickle.PickleInput;
import io.github.microsam.weights.pickle.PyDict;
import io.github.microsam.weights.pickle.PyObject;
import io.github.microsam.weights.pickle.PyPersistent;
import io.github.microsam.weights.pickle.PySequence;
import io.github.microsam.weights.pickle.Unpickler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The head of a genuine file, of which no whole copy is among the fixtures. */
class MobileSamTest {

  /** The pickle alone, with storages that would be large enough. */
  @Test
  void itsPickleHasTheTensorsOfTheTable() throws IOException {
    byte[] pickle = Files.readAllBytes(Golden.shared("data/weights_partial/mobile_sam_data.pkl"));
    HeapBudget budget = HeapBudget.ofThisMachine();
    Object pickled = Unpickler.load(new PickleInput(pickle), budget, persistent -> {});
    StoredTensors tensors =
        new StoredTensors(
            ByteRegion.of(ByteBuffer.allocate(0)),
            ByteOrder.LITTLE_ENDIAN,
            storage -> new Extent(0, storage.byteSize()));
    Map<String, Tensor> named = new PickledTree(pickled, tensors, budget).tensors();
    List<String> rows = new ArrayList<>();
    for (Tensor tensor : named.values()) {
      Object call = ((PyDict) pickled).items().get(tensor.name());
      rows.add(row(tensor, (PyObject) call));
    }
    assertEquals(439, rows.size());
    assertEquals(table(), rows);
  }

  private static String row(Tensor tensor, PyObject call) {
    StorageReference storage = StorageReference.of((PyPersistent) call.arguments().get(0));
    Map<DType, String> types = Map.of(DType.F32, "float32", DType.I64, "int64");
    return String.join(
        "\t",
        tensor.name(),
        types.get(tensor.dtype()),
        joined(call.arguments().get(2), "scalar"),
        joined(call.arguments().get(3), "-"),
        storage.key(),
        call.arguments().get(1).toString());
  }

  private static String joined(Object tuple, String ofNone) {
    List<Object> items = ((PySequence) tuple).items();
    return items.isEmpty()
        ? ofNone
        : items.stream().map(Object::toString).collect(Collectors.joining("x"));
  }

  private static List<String> table() throws IOException {
    Path table = Golden.shared("data/weights_partial/mobile_sam_state_dict.tsv");
    return Files.readAllLines(table).stream()
        .skip(1)
        .map(line -> String.join("\t", List.of(line.split("\t")).subList(0, 6)))
        .toList();
  }

  @Test
  void theTruncatedFileIsRefused() {
    Path file = Golden.shared("data/weights_partial/mobile_sam_truncated.pt");
    String message =
        assertThrows(CheckpointException.class, () -> CheckpointReader.open(file)).getMessage();
    assertTrue(message.contains("the file is truncated"), message);
  }
}

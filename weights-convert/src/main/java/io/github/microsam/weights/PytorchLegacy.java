package io.github.microsam.weights;

import io.github.microsam.weights.pickle.HeapBudget;
import io.github.microsam.weights.pickle.PickleInput;
import io.github.microsam.weights.pickle.PySequence;
import io.github.microsam.weights.pickle.Unpickler;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * The files of {@code torch.save} before PyTorch 1.6: five pickles (magic number, protocol, system,
 * objects, keys of the storages), then each storage as its number of elements and its bytes, always
 * little-endian (torch/serialization.py, {@code _legacy_load}).
 */
final class PytorchLegacy {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final Long PROTOCOL = 1001L;
  private static final int COUNT_SIZE = 8;

  private final MappedFile file;
  private final HeapBudget budget;
  private final PickleInput in;
  private final Map<String, StorageReference> references = new HashMap<>();
  private final Map<String, Extent> storages = new HashMap<>();

  private PytorchLegacy(MappedFile file, HeapBudget budget) {
    this.file = file;
    this.budget = budget;
    this.in = new PickleInput(file, 0, file.size());
  }

  static PickledTree read(MappedFile file, HeapBudget budget) {
    PytorchLegacy legacy = new PytorchLegacy(file, budget);
    if (!MAGIC.equals(legacy.pickle())) {
      throw new CheckpointException(
          "it is a pickle without PyTorch's magic number; torch.save did not write it");
    }
    Object protocol = legacy.pickle();
    if (!PROTOCOL.equals(protocol)) {
      throw new CheckpointException(
          "its legacy format has version " + protocol + " instead of " + PROTOCOL);
    }
    legacy.pickle(); // sizes of C types on the machine that wrote it; they do not matter
    Object objects = legacy.pickle();
    legacy.locateStorages(legacy.pickle());
    StoredTensors tensors = new StoredTensors(file, ByteOrder.LITTLE_ENDIAN, legacy::storage);
    return new PickledTree(objects, tensors, budget);
  }

  private Object pickle() {
    return Unpickler.load(
        in,
        budget,
        persistent -> {
          // Old files keep the source code of modules in such references too; none is used.
          if (persistent.id() instanceof PySequence id
              && !id.items().isEmpty()
              && "storage".equals(id.items().get(0))) {
            StorageReference reference = StorageReference.of(persistent);
            budget.charge(128);
            references.putIfAbsent(reference.key(), reference);
          }
        });
  }

  private void locateStorages(Object keys) {
    if (!(keys instanceof PySequence list)) {
      throw new CheckpointException("its list of storages is missing");
    }
    long position = in.position();
    for (Object key : list.items()) {
      StorageReference reference = key instanceof String k ? references.get(k) : null;
      if (reference == null) {
        throw new CheckpointException("no object uses its storage " + key);
      }
      if (position > file.size() - COUNT_SIZE) {
        throw truncated(reference.key(), position + COUNT_SIZE);
      }
      long count =
          ByteBuffer.wrap(file.read(position, COUNT_SIZE)).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (count != reference.count()) {
        throw new CheckpointException(
            String.format(
                "its storage %s has %d elements instead of %d",
                reference.key(), count, reference.count()));
      }
      position += COUNT_SIZE;
      if (reference.byteSize() > file.size() - position) {
        throw truncated(reference.key(), position + reference.byteSize());
      }
      budget.charge(128);
      Extent extent = new Extent(position, reference.byteSize());
      if (storages.put(reference.key(), extent) != null) {
        throw new CheckpointException("it has two storages " + reference.key());
      }
      position += reference.byteSize();
    }
  }

  private CheckpointException truncated(String key, long end) {
    return new CheckpointException(
        String.format(
            "the file is truncated: its storage %s ends at byte %,d of %,d; copy or download it"
                + " again",
            key, end, file.size()));
  }

  private Extent storage(StorageReference reference) {
    Extent extent = storages.get(reference.key());
    if (extent == null) {
      throw new CheckpointException("its storage " + reference.key() + " is missing");
    }
    return extent;
  }
}

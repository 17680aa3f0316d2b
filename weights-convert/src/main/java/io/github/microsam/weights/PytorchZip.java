package io.github.microsam.weights;

import io.github.microsam.weights.pickle.HeapBudget;
import io.github.microsam.weights.pickle.PickleInput;
import io.github.microsam.weights.pickle.Unpickler;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The zip files of {@code torch.save} since PyTorch 1.6: {@code <root>/data.pkl} with the objects,
 * {@code <root>/data/<key>} with the bytes of each storage (torch/serialization.py, {@code _load}).
 */
final class PytorchZip {
  private static final int STORED = 0;
  private static final int DEFLATED = 8;

  private final MappedFile file;
  private final Map<String, ZipDirectory.Entry> entries;
  private final String root;

  private PytorchZip(MappedFile file, Map<String, ZipDirectory.Entry> entries) {
    this.file = file;
    this.entries = entries;
    this.root = root();
  }

  static PickledTree read(MappedFile file, HeapBudget budget) {
    PytorchZip zip = new PytorchZip(file, ZipDirectory.read(file, budget));
    Object pickled = Unpickler.load(zip.pickle(budget), budget, persistent -> {});
    StoredTensors tensors = new StoredTensors(file, zip.byteOrder(), zip::storage);
    return new PickledTree(pickled, tensors, budget);
  }

  /** The folder of the pickle: the stem of the name the file was saved under, or "archive". */
  private String root() {
    String pickle = null;
    for (String name : entries.keySet()) {
      if (name.equals("data.pkl") || name.endsWith("/data.pkl")) {
        if (pickle != null) {
          throw new CheckpointException("it has two pickles, " + pickle + " and " + name);
        }
        pickle = name;
      }
    }
    if (pickle == null) {
      throw new CheckpointException(
          "it is a zip file without data.pkl, so torch.save did not write it");
    }
    String folder = pickle.substring(0, pickle.length() - "data.pkl".length());
    if (entries.containsKey(folder + "constants.pkl")) {
      throw new CheckpointException(
          "it is a TorchScript program; save the state_dict() of the model with torch.save"
              + " instead");
    }
    return folder;
  }

  private PickleInput pickle(HeapBudget budget) {
    ZipDirectory.Entry entry = readable(root + "data.pkl");
    long start = entry.data().position();
    if (entry.method() == STORED) {
      return new PickleInput(file, start, start + entry.data().byteSize());
    }
    if (entry.method() != DEFLATED || entry.data().byteSize() > Integer.MAX_VALUE - 8) {
      throw compressed(entry);
    }
    budget.charge(entry.data().byteSize());
    budget.charge(entry.size());
    return new PickleInput(inflate(entry));
  }

  private byte[] inflate(ZipDirectory.Entry entry) {
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(file.read(entry.data().position(), (int) entry.data().byteSize()));
      byte[] out = new byte[Math.toIntExact(entry.size())];
      int done = 0;
      while (done < out.length) {
        int n = inflater.inflate(out, done, out.length - done);
        if (n == 0) {
          throw new CheckpointException("its compressed pickle is shorter than it declares");
        }
        done += n;
      }
      return out;
    } catch (DataFormatException e) {
      throw new CheckpointException("its compressed pickle is corrupt", e);
    } finally {
      inflater.end();
    }
  }

  private ByteOrder byteOrder() {
    if (!entries.containsKey(root + "byteorder")) {
      return ByteOrder.LITTLE_ENDIAN;
    }
    ZipDirectory.Entry entry = readable(root + "byteorder");
    int size = (int) Math.min(entry.data().byteSize(), 16);
    String order =
        new String(file.read(entry.data().position(), size), StandardCharsets.ISO_8859_1);
    return switch (order) {
      case "little" -> ByteOrder.LITTLE_ENDIAN;
      case "big" -> ByteOrder.BIG_ENDIAN;
      default -> throw new CheckpointException("its byte order is '" + order + "'");
    };
  }

  private Extent storage(StorageReference reference) {
    ZipDirectory.Entry entry = readable(root + "data/" + reference.key());
    if (entry.method() != STORED) {
      throw compressed(entry);
    }
    return entry.data();
  }

  private ZipDirectory.Entry readable(String name) {
    ZipDirectory.Entry entry = entries.get(name);
    if (entry == null) {
      throw new CheckpointException("its entry " + name + " is missing");
    }
    if (entry.isEncrypted()) {
      throw new CheckpointException("its entry " + name + " is encrypted");
    }
    return entry;
  }

  private static CheckpointException compressed(ZipDirectory.Entry entry) {
    return new CheckpointException(
        "its entry "
            + entry.name()
            + " is compressed, which torch.save never does; unpack the file and zip it with -0");
  }
}

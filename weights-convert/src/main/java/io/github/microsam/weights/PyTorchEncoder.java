package io.github.microsam.weights;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The zip format of {@code torch.save} (torch/serialization.py, caffe2/serialize/versions.h):
 * dictionaries of tensors, one storage a tensor. Names are split at {@code /} into nested
 * dictionaries; those that hold tensors only are ordered dictionaries, as state dicts are.
 */
final class PyTorchEncoder {
  /** What torch calls the folder in the zip when it does not know a file name. */
  private static final String ROOT = "archive/";

  /** The pickle, and the tensors in the order of their storages. */
  private final PickleOutput pickle = new PickleOutput();

  private final List<Tensor> storages = new ArrayList<>();

  private PyTorchEncoder() {}

  static void encode(List<Tensor> tensors, FileChannel file, TensorSink sink) throws IOException {
    PyTorchEncoder encoder = new PyTorchEncoder();
    encoder.dictionary(tree(tensors));
    StoredZip zip = new StoredZip(file);
    zip.add(ROOT + "data.pkl", encoder.pickle.finish());
    zip.add(ROOT + "byteorder", "little".getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < encoder.storages.size(); i++) {
      zip.add(ROOT + "data/" + i, encoder.storages.get(i), sink);
    }
    zip.add(ROOT + "version", "3\n".getBytes(StandardCharsets.US_ASCII));
    zip.finish();
  }

  private static Map<String, Object> tree(List<Tensor> tensors) {
    Map<String, Object> root = new LinkedHashMap<>();
    for (Tensor tensor : tensors) {
      String[] path = tensor.name().split("/", -1);
      Map<String, Object> node = root;
      for (int i = 0; i < path.length - 1; i++) {
        node = child(node, path[i], tensor);
      }
      if (node.putIfAbsent(path[path.length - 1], tensor) != null) {
        throw new CheckpointException(
            tensor.name() + " names a tensor and a dictionary at once; rename one of them");
      }
    }
    return root;
  }

  @SuppressWarnings("unchecked") // the maps of the tree are made here only
  private static Map<String, Object> child(Map<String, Object> node, String key, Tensor tensor) {
    Object child = node.computeIfAbsent(key, k -> new LinkedHashMap<String, Object>());
    if (child instanceof Tensor other) {
      throw new CheckpointException(
          other.name() + " is a tensor, so it cannot hold " + tensor.name() + "; rename one");
    }
    return (Map<String, Object>) child;
  }

  private void dictionary(Map<String, Object> node) {
    boolean tensorsOnly = node.values().stream().allMatch(Tensor.class::isInstance);
    if (tensorsOnly) {
      pickle.emptyOrderedDict();
    } else {
      pickle.emptyDict();
    }
    pickle.mark();
    for (Map.Entry<String, Object> e : node.entrySet()) {
      pickle.string(e.getKey());
      if (e.getValue() instanceof Tensor tensor) {
        tensor(tensor);
      } else {
        @SuppressWarnings("unchecked") // as above
        Map<String, Object> child = (Map<String, Object>) e.getValue();
        dictionary(child);
      }
    }
    pickle.setItems();
  }

  /**
   * A call of {@code torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad,
   * hooks)}; for types that have no typed storage, of {@code _rebuild_tensor_v3}, which torch knows
   * since 2.3 and which takes the type after those.
   */
  private void tensor(Tensor tensor) {
    String storageType = storageType(tensor.dtype());
    boolean typed = !storageType.equals("UntypedStorage");
    pickle.global("torch._utils", typed ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3").mark();
    pickle.mark().string("storage");
    pickle.global(typed ? "torch" : "torch.storage", storageType);
    pickle.string(Integer.toString(storages.size())).string("cpu");
    pickle.integer(typed ? tensor.elementCount() : tensor.byteSize()).tuple().persistent();
    pickle.integer(0).tupleOf(tensor.shape()).tupleOf(Shapes.contiguousStrides(tensor.shape()));
    pickle.no().emptyOrderedDict();
    if (!typed) {
      pickle.global("torch", tensor.dtype().toString().replace("u", "uint"));
    }
    pickle.tuple().call();
    storages.add(tensor);
  }

  private static String storageType(DType dtype) {
    return switch (dtype) {
      case BOOL -> "BoolStorage";
      case U8 -> "ByteStorage";
      case I8 -> "CharStorage";
      case I16 -> "ShortStorage";
      case I32 -> "IntStorage";
      case I64 -> "LongStorage";
      case F16 -> "HalfStorage";
      case BF16 -> "BFloat16Storage";
      case F32 -> "FloatStorage";
      case F64 -> "DoubleStorage";
      case U16, U32, U64 -> "UntypedStorage";
    };
  }
}

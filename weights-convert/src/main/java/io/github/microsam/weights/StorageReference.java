package io.github.microsam.weights;

import io.github.microsam.weights.pickle.PyGlobal;
import io.github.microsam.weights.pickle.PyPersistent;
import io.github.microsam.weights.pickle.PySequence;
import java.util.List;

/**
 * What a pickle says about a storage that lies beside it. The device it was on is ignored.
 *
 * @param type its elements
 * @param key its name in the file
 * @param count how many elements it has
 * @param viewStart first element that is used, other than 0 in legacy files only
 * @param viewCount how many elements may be used
 */
record StorageReference(StorageType type, String key, long count, long viewStart, long viewCount) {

  static StorageReference of(PyPersistent reference) {
    if (reference.id() instanceof PySequence id
        && id.items().size() >= 5
        && "storage".equals(id.items().get(0))
        && id.items().get(1) instanceof PyGlobal type
        && id.items().get(2) instanceof String key
        && id.items().get(4) instanceof Long count) {
      Object view = id.items().size() > 5 ? id.items().get(5) : null;
      return of(StorageType.ofClass(type.name()), key, count, view);
    }
    throw new CheckpointException(
        "its pickle refers to something outside that is no storage as torch.save writes them");
  }

  private static StorageReference of(StorageType type, String key, long count, Object view) {
    if (count < 0) {
      throw new CheckpointException("storage " + key + " declares " + count + " elements");
    }
    if (view == null) {
      return new StorageReference(type, key, count, 0, count);
    }
    if (view instanceof PySequence v && v.items().size() == 3) {
      List<Object> items = v.items();
      if (items.get(1) instanceof Long start
          && items.get(2) instanceof Long size
          && start >= 0
          && size >= 0
          && start <= count
          && size <= count - start) {
        return new StorageReference(type, key, count, start, size);
      }
    }
    throw new CheckpointException("storage " + key + " has a view outside of its elements");
  }

  /** Size of the whole storage. */
  long byteSize() {
    try {
      return Math.multiplyExact(count, type.byteSize());
    } catch (ArithmeticException e) {
      throw new CheckpointException("storage " + key + " declares " + count + " elements", e);
    }
  }
}

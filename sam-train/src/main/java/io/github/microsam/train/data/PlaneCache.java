package io.github.microsam.train.data;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Planes that were used last, up to a number of bytes. Threads may share it. */
final class PlaneCache {
  private final long capacity;
  private final Map<Object, LabelledPlane> planes = new LinkedHashMap<>(16, 0.75f, true);
  private long used;

  PlaneCache(long capacity) {
    this.capacity = capacity;
  }

  /** The plane of a key, read outside of any lock if it is not here. */
  LabelledPlane get(Object key, Supplier<LabelledPlane> reader) {
    synchronized (this) {
      LabelledPlane known = planes.get(key);
      if (known != null) {
        return known;
      }
    }
    LabelledPlane plane = reader.get();
    put(key, plane);
    return plane;
  }

  synchronized void put(Object key, LabelledPlane plane) {
    LabelledPlane before = planes.put(key, plane);
    used += bytes(plane) - (before == null ? 0 : bytes(before));
    Iterator<LabelledPlane> eldest = planes.values().iterator();
    while (used > capacity && eldest.hasNext()) {
      used -= bytes(eldest.next());
      eldest.remove();
    }
  }

  private static long bytes(LabelledPlane plane) {
    return plane.image().pixels().length + 4L * plane.labels().length;
  }
}

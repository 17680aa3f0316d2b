package io.github.microsam.engine.onednn;

import io.github.microsam.engine.Region;
import io.github.microsam.engine.Regions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the parts of a group have written so far, who reads it, and where results go: the memory of
 * a {@link GroupAssembly}. Maps that are concatenated stay apart until something needs them
 * together.
 */
final class GroupValues {
  private final Assembler to;
  private final String outputName;
  private final View output;

  /** Maps that have been written, by name; several if they are concatenated along the channels. */
  private final Map<String, List<View>> values = new HashMap<>();

  private final Map<String, List<Region>> readers = new HashMap<>();
  private final Set<Region> done = new HashSet<>();

  /** Maps that one part reads only, which may therefore write its result over them. */
  private final Set<Place> overwritable = new HashSet<>();

  GroupValues(Assembler to, Region region, List<Region> parts, List<View> in, View output) {
    this.to = to;
    this.output = output;
    outputName = region.output().name();
    for (int i = 0; i < in.size(); i++) {
      values.put(region.inputNames().get(i), List.of(in.get(i)));
    }
    for (Region part : parts) {
      part.inputNames().forEach(n -> readers.computeIfAbsent(n, k -> new ArrayList<>()).add(part));
    }
  }

  /** Notes that a part is written, by itself or with another one; whether it was not before. */
  boolean done(Region part) {
    return done.add(part);
  }

  boolean isDone(Region part) {
    return done.contains(part);
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  void put(Region part, View value) {
    put(part.output().name(), value);
  }

  void put(String name, View value) {
    values.put(name, List.of(value));
  }

  /** Puts maps that are concatenated along the channels. */
  void putPieces(Region part, List<View> pieces) {
    values.put(part.output().name(), List.copyOf(pieces));
  }

  /** A value as it was put. */
  List<View> pieces(Region part, int index) {
    return values.get(part.inputNames().get(index));
  }

  /** Copies the result to the output unless it was written there. */
  void finish() {
    View result = single(outputName);
    if (result.place() != output.place()) {
      to.copy(result, output);
    }
  }

  View input(Region part, int index) {
    return single(part.inputNames().get(index));
  }

  /** A value in one piece. */
  View single(String name) {
    List<View> pieces = values.get(name);
    if (pieces.size() == 1) {
      return pieces.get(0);
    }
    long channels = pieces.stream().mapToLong(v -> v.dim(1)).sum();
    View first = pieces.get(0);
    View whole = to.temporaryMap(first.dim(0), channels, first.dim(2), first.dim(3));
    long from = 0;
    for (View piece : pieces) {
      to.copy(piece, whole.part(1, from, from + piece.dim(1)));
      from += piece.dim(1);
    }
    values.put(name, List.of(whole));
    return whole;
  }

  View contiguous(View x) {
    if (x.isContiguous()) {
      return x;
    }
    View copy = to.temporary(x.dims());
    to.copy(x, copy);
    return copy;
  }

  View channelsLast(View x) {
    if (x.isChannelsLast()) {
      return x;
    }
    View copy = to.temporaryMap(x.dim(0), x.dim(1), x.dim(2), x.dim(3));
    to.copy(x, copy);
    return copy;
  }

  /** The part that reads a value if there is one only, which then may take it in; else null. */
  Region onlyReader(String name) {
    List<Region> all = readers.getOrDefault(name, List.of());
    return all.size() == 1 && !name.equals(outputName) ? all.get(0) : null;
  }

  /** The output as a result would have to be laid out for it, if it ends there; else null. */
  View place(String name) {
    if (name.equals(outputName)) {
      return output;
    }
    Region reader = onlyReader(name);
    if (reader == null) {
      return null;
    }
    View later =
        switch (reader.kind()) {
          case Regions.CHANNELS_LAST, Regions.CHANNELS_FIRST -> place(reader.output().name());
          default -> null;
        };
    if (later == null) {
      return null;
    }
    return reader.kind().equals(Regions.CHANNELS_LAST)
        ? later.permuted(0, 3, 1, 2)
        : later.permuted(0, 2, 3, 1);
  }

  View newTokens(String name, long... dims) {
    View place = place(name);
    return place != null && place.isContiguous() ? place.reshaped(dims) : to.temporary(dims);
  }

  View newMap(String name, long n, long channels, long height, long width) {
    View place = place(name);
    if (place != null && place.isChannelsLast()) {
      return place;
    }
    return newInnerMap(name, n, channels, height, width);
  }

  /** A temporary for a map that is not the output, which its only reader may write over. */
  View newInnerMap(String name, long n, long channels, long height, long width) {
    View map = to.temporaryMap(n, channels, height, width);
    if (onlyReader(name) != null) {
      overwritable.add(map.place());
    }
    return map;
  }

  /** Whether a part may write its result over what it reads. */
  boolean mayOverwrite(Region part, View x) {
    return onlyReader(part.inputNames().get(0)) != null && overwritable.contains(x.place());
  }
}

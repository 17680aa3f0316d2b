package io.github.microsam.weights.pickle;

import io.github.microsam.weights.pickle.PySequence.Kind;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Interprets one pickle. Values are null, {@link Boolean}, {@link Long}, {@link BigInteger}, {@link
 * Double}, {@link String}, {@code byte[]}, {@link PySequence}, {@link PyDict}, {@link PyGlobal},
 * {@link PyObject} and {@link PyPersistent}; they may refer to each other in circles. There is no
 * recursion, no loop a file could choose, and all memory is charged to a budget. Not thread-safe.
 *
 * <p>The opcodes are those of Python's {@code pickletools}.
 */
public final class Unpickler {
  private static final int LARGEST_INTEGER = 4096;
  private static final int NEWEST_PROTOCOL = 5;

  // What objects take on the heap of a 64 bit virtual machine, rounded up.
  private static final long SLOT = 16;
  private static final long NUMBER = 24;
  private static final long TEXT = 64;
  private static final long CONTAINER = 64;
  private static final long ENTRY = 72;

  private final PickleInput in;
  private final HeapBudget budget;
  private final Constructors constructors;
  private final OperandStack stack;

  private final Consumer<PyPersistent> persistents;

  private Unpickler(PickleInput in, HeapBudget budget, Consumer<PyPersistent> persistents) {
    this.in = in;
    this.budget = budget;
    this.persistents = persistents;
    this.constructors = new Constructors(budget);
    this.stack = new OperandStack(in, budget);
  }

  /**
   * Interprets the pickle that starts at the input's position, and leaves the input after it.
   *
   * @param in where the pickle comes from
   * @param budget what its objects are charged to
   * @param persistents is told of every reference to something beside the pickle
   * @return the pickled value
   * @throws PickleException if the pickle is malformed, truncated or too large
   */
  public static Object load(PickleInput in, HeapBudget budget, Consumer<PyPersistent> persistents) {
    Unpickler unpickler = new Unpickler(in, budget, persistents);
    while (true) {
      int opcode = in.unsignedByte();
      if (opcode == '.') {
        return unpickler.stack.pop();
      }
      unpickler.step(opcode);
    }
  }

  private void step(int opcode) {
    if (!number(opcode) && !text(opcode) && !container(opcode) && !object(opcode)) {
      switch (opcode) {
        case 0x80 -> protocol(in.unsignedByte());
        case 0x95 -> in.require(in.unsigned(8));
        case '0' -> stack.discard();
        case '1' -> stack.popMark();
        case '2' -> stack.push(stack.top());
        case 'q' -> stack.remember(in.unsignedByte());
        case 'r' -> stack.remember(in.unsigned(4));
        case 0x94 -> stack.remember();
        case 'h' -> stack.recall(in.unsignedByte());
        case 'j' -> stack.recall(in.unsigned(4));
        default -> throw unknown(opcode);
      }
    }
  }

  private PickleException unknown(int opcode) {
    String known =
        switch (opcode) {
          case 0x82, 0x83, 0x84 -> "an extension registry";
          case 0x97, 0x98 -> "out-of-band buffers";
          case 'S', 'V', 'g', 'p', 'd', 'l', 'i', 'P' -> "the text form of protocol 0";
          default -> null;
        };
    return new PickleException(
        known == null
            ? String.format("the pickle is corrupt: unknown opcode 0x%02x%s", opcode, in.at())
            : "the pickle uses " + known + ", which torch.save never writes" + in.at());
  }

  private void protocol(int version) {
    if (version > NEWEST_PROTOCOL) {
      throw new PickleException(
          "pickle protocol " + version + " is newer than " + NEWEST_PROTOCOL + in.at());
    }
  }

  // Opcodes. Each method says whether the opcode was one of its kind.

  private boolean number(int opcode) {
    switch (opcode) {
      case 'N' -> stack.push(null);
      case 0x88 -> stack.push(true);
      case 0x89 -> stack.push(false);
      case 'K' -> integer(in.unsigned(1));
      case 'M' -> integer(in.unsigned(2));
      case 'J' -> integer(in.unsigned(4) << 32 >> 32);
      case 0x8a -> integer(in.unsigned(1), "LONG1");
      case 0x8b -> integer(in.unsigned(4), "LONG4");
      case 'I' -> decimal(in.line());
      case 'L' -> decimal(in.line().replaceFirst("L$", ""));
      case 'F' -> real(in.line());
      case 'G' -> {
        budget.charge(NUMBER);
        stack.push(Double.longBitsToDouble(Long.reverseBytes(in.unsigned(8))));
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean text(int opcode) {
    switch (opcode) {
      case 0x8c -> stack.push(unicode(in.unsigned(1)));
      case 'X' -> stack.push(unicode(in.unsigned(4)));
      case 0x8d -> stack.push(unicode(in.unsigned(8)));
      case 'U' -> stack.push(string(in.unsigned(1)));
      case 'T' -> stack.push(string(in.unsigned(4)));
      case 'C' -> stack.push(bytes(in.unsigned(1)));
      case 'B' -> stack.push(bytes(in.unsigned(4)));
      case 0x8e, 0x96 -> stack.push(bytes(in.unsigned(8)));
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean container(int opcode) {
    switch (opcode) {
      case '(' -> stack.mark();
      case ')' -> stack.push(sequence(Kind.TUPLE, List.of()));
      case 't' -> stack.push(sequence(Kind.TUPLE, stack.popMark()));
      case 0x85 -> stack.push(sequence(Kind.TUPLE, stack.popLast(1)));
      case 0x86 -> stack.push(sequence(Kind.TUPLE, stack.popLast(2)));
      case 0x87 -> stack.push(sequence(Kind.TUPLE, stack.popLast(3)));
      case ']' -> stack.push(sequence(Kind.LIST, new ArrayList<>(0)));
      case 0x8f -> stack.push(sequence(Kind.SET, new ArrayList<>(0)));
      case 0x91 -> stack.push(sequence(Kind.SET, stack.popMark()));
      case '}' -> stack.push(dict());
      case 'a' -> append(stack.popLast(1));
      case 'e', 0x90 -> append(stack.popMark());
      case 's' -> set(stack.popLast(2));
      case 'u' -> set(stack.popMark());
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean object(int opcode) {
    switch (opcode) {
      case 'c' -> stack.push(global(in.line(), in.line()));
      case 0x93 -> stackGlobal();
      case 'R', 0x81 -> call(stack.popLast(2));
      case 0x92 -> call(stack.popLast(3));
      case 'o' -> callOldStyle(stack.popMark());
      case 'b' -> build(stack.pop());
      case 'Q' -> {
        budget.charge(NUMBER);
        PyPersistent persistent = new PyPersistent(stack.pop());
        persistents.accept(persistent);
        stack.push(persistent);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void integer(long value) {
    budget.charge(NUMBER);
    stack.push(value);
  }

  private void integer(long size, String opcode) {
    if (size > LARGEST_INTEGER) {
      throw new PickleException(
          "the pickle has an integer of " + size + " bytes, " + opcode + in.at());
    }
    byte[] littleEndian = in.bytes(size);
    byte[] bigEndian = new byte[littleEndian.length];
    for (int i = 0; i < bigEndian.length; i++) {
      bigEndian[i] = littleEndian[bigEndian.length - 1 - i];
    }
    integer(bigEndian.length == 0 ? BigInteger.ZERO : new BigInteger(bigEndian));
  }

  private void integer(BigInteger value) {
    budget.charge(TEXT + value.bitLength() / 8);
    if (value.bitLength() < Long.SIZE) {
      stack.push(value.longValue());
    } else {
      stack.push(value);
    }
  }

  private void decimal(String line) {
    switch (line) {
      case "00" -> stack.push(false);
      case "01" -> stack.push(true);
      default -> {
        try {
          integer(new BigInteger(line));
        } catch (NumberFormatException e) {
          throw new PickleException("the pickle is corrupt: not an integer" + in.at());
        }
      }
    }
  }

  private void real(String line) {
    budget.charge(NUMBER);
    try {
      stack.push(Double.valueOf(line));
    } catch (NumberFormatException e) {
      throw new PickleException("the pickle is corrupt: not a number" + in.at());
    }
  }

  private byte[] bytes(long size) {
    in.require(size);
    budget.charge(TEXT + size);
    return in.bytes(size);
  }

  private String unicode(long size) {
    in.require(size);
    budget.charge(TEXT + 4 * size);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(in.bytes(size))).toString();
    } catch (CharacterCodingException e) {
      throw new PickleException("the pickle is corrupt: a text is not UTF-8" + in.at());
    }
  }

  /** A text of Python 2, whose encoding is not known. */
  private String string(long size) {
    byte[] bytes = bytes(size);
    budget.charge(2 * size);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }

  private PySequence sequence(Kind kind, List<Object> items) {
    budget.charge(CONTAINER);
    return new PySequence(kind, items);
  }

  private PyDict dict() {
    budget.charge(CONTAINER + ENTRY);
    return new PyDict();
  }

  private void append(List<Object> values) {
    Object target = stack.top();
    if (target instanceof PySequence sequence && sequence.kind() != Kind.TUPLE) {
      budget.charge(SLOT * values.size());
      sequence.items().addAll(values);
    } else if (!(target instanceof PyObject)) {
      throw new PickleException("the pickle is corrupt: it appends to no list" + in.at());
    }
  }

  private void set(List<Object> keysAndValues) {
    Object target = stack.top();
    if (keysAndValues.size() % 2 != 0) {
      throw new PickleException("the pickle is corrupt: a key without a value" + in.at());
    }
    if (target instanceof PyDict dict) {
      budget.charge(ENTRY * keysAndValues.size() / 2);
      for (int i = 0; i < keysAndValues.size(); i += 2) {
        dict.items().put(keysAndValues.get(i), keysAndValues.get(i + 1));
      }
    } else if (!(target instanceof PyObject)) {
      throw new PickleException("the pickle is corrupt: it adds items to no dictionary" + in.at());
    }
  }

  private PyGlobal global(String module, String name) {
    budget.charge(TEXT + 2L * (module.length() + name.length()));
    return PyGlobal.of(module, name);
  }

  private void stackGlobal() {
    List<Object> names = stack.popLast(2);
    if (!(names.get(0) instanceof String module) || !(names.get(1) instanceof String name)) {
      throw new PickleException("the pickle is corrupt: a global without a name" + in.at());
    }
    stack.push(global(module, name));
  }

  /** REDUCE, NEWOBJ and NEWOBJ_EX: callable, tuple of arguments, and perhaps keywords. */
  private void call(List<Object> operands) {
    if (!(operands.get(1) instanceof PySequence arguments) || arguments.kind() != Kind.TUPLE) {
      throw new PickleException("the pickle is corrupt: a call without arguments" + in.at());
    }
    stack.push(call(operands.get(0), arguments.items()));
  }

  private void callOldStyle(List<Object> operands) {
    if (operands.isEmpty()) {
      throw new PickleException("the pickle is corrupt: an object without a class" + in.at());
    }
    stack.push(call(operands.get(0), operands.subList(1, operands.size())));
  }

  private Object call(Object callable, List<Object> arguments) {
    budget.charge(CONTAINER);
    if (callable instanceof PyGlobal global) {
      return constructors.call(global, arguments);
    }
    if (callable instanceof PyObject object) {
      return new PyObject(object.callable(), arguments);
    }
    if (callable instanceof PyPersistent persistent && persistent.id() instanceof PySequence id) {
      return new PyObject(className(id.items()), arguments);
    }
    throw new PickleException("the pickle is corrupt: it calls what is no class" + in.at());
  }

  /** Legacy files of torch.save keep the source of a class beside it, in a persistent reference. */
  private static String className(List<Object> id) {
    return id.size() > 1 && id.get(1) instanceof PyGlobal type ? type.name() : "(persistent)";
  }

  /** The state of containers is attributes, such as a state dict's metadata; they are dropped. */
  private void build(Object state) {
    if (stack.top() instanceof PyObject object) {
      object.setState(state);
    }
  }
}

package io.github.microsam.weights;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Opcodes of Python's pickle protocol 2 (PEP 307), no more than a state dict needs. Strings and
 * globals that occur again are fetched from the memo.
 */
final class PickleOutput {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Map<String, Integer> memo = new HashMap<>();

  PickleOutput() {
    out.write(0x80);
    out.write(2);
  }

  /** A class or function by its name. */
  PickleOutput global(String module, String name) {
    return memoized(
        "c" + module + " " + name,
        () -> {
          out.write('c');
          out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
        });
  }

  PickleOutput string(String s) {
    return memoized(
        "s" + s,
        () -> {
          byte[] utf8 = s.getBytes(StandardCharsets.UTF_8);
          out.write('X');
          fourBytes(utf8.length);
          out.writeBytes(utf8);
        });
  }

  private PickleOutput memoized(String key, Runnable write) {
    Integer known = memo.get(key);
    if (known == null) {
      write.run();
      out.write('r'); // LONG_BINPUT
      fourBytes(memo.size());
      memo.put(key, memo.size());
    } else {
      out.write('j'); // LONG_BINGET
      fourBytes(known);
    }
    return this;
  }

  PickleOutput integer(long n) {
    if (n >= 0 && n < 256) {
      out.write('K');
      out.write((int) n);
    } else if (n == (int) n) {
      out.write('J');
      fourBytes((int) n);
    } else {
      byte[] big = BigInteger.valueOf(n).toByteArray();
      out.write(0x8a); // LONG1
      out.write(big.length);
      for (int i = big.length - 1; i >= 0; i--) {
        out.write(big[i]);
      }
    }
    return this;
  }

  PickleOutput no() {
    out.write(0x89);
    return this;
  }

  PickleOutput mark() {
    out.write('(');
    return this;
  }

  /** All since the mark, as a tuple. */
  PickleOutput tuple() {
    out.write('t');
    return this;
  }

  PickleOutput tupleOf(long... numbers) {
    mark();
    for (long n : numbers) {
      integer(n);
    }
    return tuple();
  }

  PickleOutput emptyDict() {
    out.write('}');
    return this;
  }

  PickleOutput emptyOrderedDict() {
    global("collections", "OrderedDict");
    out.write(')');
    return call();
  }

  /** Puts the keys and values since the mark into the dictionary before it. */
  PickleOutput setItems() {
    out.write('u');
    return this;
  }

  /** Calls the function below the tuple of arguments on top. */
  PickleOutput call() {
    out.write('R');
    return this;
  }

  /** Turns the tuple on top into the object outside of the pickle that it identifies. */
  PickleOutput persistent() {
    out.write('Q');
    return this;
  }

  byte[] finish() {
    out.write('.');
    return out.toByteArray();
  }

  private void fourBytes(int n) {
    out.write(n);
    out.write(n >>> 8);
    out.write(n >>> 16);
    out.write(n >>> 24);
  }
}

package io.github.microsam.weights.pickle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.microsam.weights.pickle.PySequence.Kind;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Pickles as CPython writes them; the comments are what was pickled. */
class UnpicklerTest {

  private static Object load(byte[] pickle) {
    return Unpickler.load(new PickleInput(pickle), new HeapBudget(1 << 20), persistent -> {});
  }

  /** Pickles are written as Latin-1 text here, with a backslash before two hexadecimal digits. */
  private static Object load(String pickle) {
    byte[] out = new byte[pickle.length()];
    int n = 0;
    for (int i = 0; i < pickle.length(); i++) {
      if (pickle.charAt(i) == '\\') {
        out[n++] = (byte) HexFormat.fromHexDigits(pickle, i + 1, i + 3);
        i += 2;
      } else {
        out[n++] = (byte) pickle.charAt(i);
      }
    }
    return load(Arrays.copyOf(out, n));
  }

  private static List<Object> items(Object sequence) {
    return assertInstanceOf(PySequence.class, sequence).items();
  }

  @Test
  void numbersOfEveryForm() {
    List<Object> numbers =
        items(
            load(
                "\\80\\02(K\\ffM\\ff\\ffJ\\fe\\ff\\ff\\ff\\8a\\00\\8a\\01\\80\\8a\\09\\00\\00\\00\\00\\00\\00\\00\\80\\00\\8b\\02\\00\\00\\00\\00\\80I12345678901\\0a"
                    + "L-7L\\0aI01\\0aF1e3\\0aG\\c0\\00\\00\\00\\00\\00\\00\\00N\\88\\89t."));
    assertEquals(
        Arrays.asList(
            255L,
            65535L,
            -2L,
            0L,
            -128L,
            BigInteger.TWO.pow(63),
            -32768L,
            12345678901L,
            -7L,
            true,
            1000.0,
            -2.0,
            null,
            true,
            false),
        numbers);
  }

  @Test
  void textsAndBytesOfEveryForm() {
    List<Object> texts =
        items(
            load(
                "\\80\\05(X\\02\\00\\00\\00\\c3\\a4\\8c\\01b"
                    + "\\8d\\01\\00\\00\\00\\00\\00\\00\\00cU\\01\\ffT\\01\\00\\00\\00d"
                    + "C\\01\\ffB\\01\\00\\00\\00\\fe\\8e\\01\\00\\00\\00\\00\\00\\00\\00\\fd"
                    + "\\96\\01\\00\\00\\00\\00\\00\\00\\00\\fct."));
    assertEquals(List.of("ä", "b", "c", "ÿ", "d"), texts.subList(0, 5));
    List<Byte> bytes = new ArrayList<>();
    texts.subList(5, 9).forEach(b -> bytes.add(assertInstanceOf(byte[].class, b)[0]));
    assertEquals(List.of((byte) -1, (byte) -2, (byte) -3, (byte) -4), bytes);
  }

  @Test
  void stackAndMemo() {
    // A tuple that contains itself through a list ends with POP_MARK and a reference.
    PySequence list =
        assertInstanceOf(PySequence.class, load("\\80\\02]q\\00(h\\00tq\\01ah\\000."));
    PySequence tuple = assertInstanceOf(PySequence.class, list.items().get(0));
    assertEquals(Kind.TUPLE, tuple.kind());
    assertEquals(list, tuple.items().get(0));
    assertEquals(List.of(1L, 1L), items(load("\\80\\02K\\012\\86.")));
    assertEquals(5L, load("\\80\\02K\\05(K\\01K\\021."));
    assertEquals(5L, load("\\80\\02K\\05(0."));
    assertEquals(5L, load("\\80\\04\\95\\04\\00\\00\\00\\00\\00\\00\\00K\\05\\940h\\00."));
    assertEquals(5L, load("\\80\\02K\\05r\\ff\\ff\\ff\\ff0j\\ff\\ff\\ff\\ff."));
  }

  @Test
  void containersOfTheStandardLibrary() {
    // collections.OrderedDict([['a', 1]]) as Python 2 wrote it, with attributes
    PyDict ordered =
        assertInstanceOf(
            PyDict.class, load("\\80\\02ccollections\nOrderedDict\n]]U\\01aaK\\01aa\\85R}b."));
    assertEquals(Map.of("a", 1L), ordered.items());
    // collections.Counter('aa'), made from a dictionary
    PyDict counter =
        assertInstanceOf(PyDict.class, load("\\80\\02ccollections\nCounter\n}U\\01aK\\02s\\85R."));
    assertEquals(Map.of("a", 2L), counter.items());
    // collections.deque([1], 5), to which 2 is appended
    assertEquals(
        List.of(1L, 2L), items(load("\\80\\02ccollections\ndeque\n]K\\01aK\\05\\86RK\\02a.")));
    // bytes() of Python 3 in protocol 2
    assertArrayEquals(new byte[0], (byte[]) load("\\80\\02c__builtin__\nbytes\n)R."));
  }

  @Test
  void everythingElseIsAnObjectThatNamesItsClass() {
    for (String pickle :
        List.of(
            "\\80\\02cx\nY\n)\\81}U\\01aK\\01sb.", // NEWOBJ, BUILD
            "\\80\\04cx\nY\n)}\\92.", // NEWOBJ_EX
            "\\80\\02(cx\nY\nK\\01o.", // OBJ
            "\\80\\02cx\nY\n)RK\\01aN0.", // REDUCE, APPEND
            "\\80\\02cx\nY\n)R(K\\01K\\02u.", // SETITEMS
            "\\80\\02ccopy_reg\n_reconstructor\ncx\nY\nc__builtin__\nobject\nN\\87R.",
            "\\80\\02(U\\06modulecx\nY\nU\\01sU\\01stQ)\\81}b.", // class with its source
            "\\80\\02c__builtin__\ngetattr\ncx\nY\nU\\01z\\86R)R0cx\nY\n)R.")) {
      assertEquals("x.Y", assertInstanceOf(PyObject.class, load(pickle)).callable(), pickle);
    }
  }

  @Test
  void aBudgetIsNotExceeded() {
    byte[] text =
        ("\u0080\u0002X\u0000\u0000\u0001\u0000" + "x".repeat(65536) + ".")
            .getBytes(StandardCharsets.ISO_8859_1);
    PickleException e =
        assertThrows(
            PickleException.class,
            () -> Unpickler.load(new PickleInput(text), new HeapBudget(1 << 16), p -> {}));
    assertEquals(true, e.getMessage().contains("larger heap"), e.getMessage());
  }
}

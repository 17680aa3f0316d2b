package io.github.microsam.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Small files that would take much memory or time if they were believed. */
final class Bombs {
  private static final long[] ONE = {1};

  private Bombs() {}

  static Map<String, Supplier<byte[]>> all() {
    Map<String, Supplier<byte[]>> bombs = new LinkedHashMap<>();
    bombs.put("lists side by side", () -> zip(new TestPickle().repeat(3_000_000, ']')));
    bombs.put("dictionaries", () -> zip(new TestPickle().repeat(3_000_000, '}')));
    bombs.put("marks", () -> zip(new TestPickle().repeat(3_000_000, '(')));
    bombs.put("numbers", () -> zip(new TestPickle().repeat(1_000_000, 'J', 1, 2, 3, 4)));
    bombs.put("the same again", () -> zip(new TestPickle().op('N').repeat(3_000_000, '2')));
    bombs.put(
        "nested lists", () -> zip(new TestPickle().repeat(400_000, ']').repeat(399_999, 'a')));
    bombs.put("nested tuples", () -> zip(new TestPickle().op(')').repeat(400_000, 0x85)));
    bombs.put("nested parameters", () -> zip(nestedParameters()));
    bombs.put("memo", () -> zip(memo()));
    bombs.put("declared text", () -> zip(new TestPickle().op('X').int32(Integer.MAX_VALUE - 100)));
    bombs.put("declared bytes", () -> zip(new TestPickle().op('B').int32(-1)));
    bombs.put("shared lists", () -> zip(doubling(new TestPickle().op(']'), 0x86)));
    bombs.put("shared tensors", () -> zip(doubling(tensor(new TestPickle()), 0x86)));
    bombs.put("shared keys", () -> zip(doubling(new TestPickle().op('}', 'N', 'N', 's'), 0x86)));
    bombs.put("keys made of tuples", () -> zip(tupleKeys()));
    bombs.put("long names", () -> zip(longNames()));
    bombs.put("text to bytes", () -> zip(again("_codecs", "encode")));
    bombs.put("copies of lists", () -> zip(copies()));
    bombs.put("attributes of attributes", () -> zip(again("builtins", "getattr")));
    bombs.put("compressed pickle", Bombs::compressed);
    bombs.put("entries of a zip file", Bombs::entries);
    bombs.put("safetensors of nothing", Bombs::emptyTensors);
    bombs.put("nested JSON", () -> safetensors("{\"a\":" + "[".repeat(10_000_000)));
    bombs.put(
        "metadata", () -> safetensors("{\"__metadata__\":{\"k\":\"" + "v".repeat(20_000_000)));
    return bombs;
  }

  private static byte[] zip(TestPickle pickle) {
    return TestZip.torch(pickle.stop(), new byte[4]).bytes();
  }

  private static TestPickle tensor(TestPickle pickle) {
    return pickle.tensor("FloatStorage", "0", 1, 0, ONE, ONE);
  }

  /** Pairs of the same object, 60 deep. */
  private static TestPickle doubling(TestPickle pickle, int pair) {
    return pickle.repeat(60, 'q', 0, 'h', 0, pair);
  }

  private static TestPickle nestedParameters() {
    TestPickle pickle = new TestPickle().global("torch._utils", "_rebuild_parameter").op('q', 1);
    return pickle.op('N').repeat(200_000, 0x85, 'q', 0, '0', 'h', 1, 'h', 0, 'R');
  }

  private static TestPickle memo() {
    TestPickle pickle = new TestPickle().op('N');
    for (int i = 0; i < 1_000_000; i++) {
      pickle.op('r').int32(i * 4099L);
    }
    return pickle;
  }

  private static TestPickle tupleKeys() {
    return doubling(new TestPickle().op('N'), 0x86)
        .op('q', 1, '0', '}')
        .repeat(1000, 'h', 1, 'N', 's');
  }

  private static TestPickle longNames() {
    TestPickle pickle = new TestPickle().op('}').text("n".repeat(500_000)).op(']');
    tensor(pickle).op('q', 1, 'a', '(').repeat(50_000, 'h', 1);
    return pickle.op('e', 's');
  }

  private static TestPickle again(String module, String name) {
    return new TestPickle()
        .text("x".repeat(1_000_000))
        .op('q', 0, '0')
        .text("latin1")
        .op('q', 1, '0')
        .global(module, name)
        .op('q', 2)
        .repeat(20_000, '0', 'h', 2, 'h', 2, 'h', 0, 0x86, 'R', 'h', 2, 'h', 0, 'h', 1, 0x86, 'R');
  }

  private static TestPickle copies() {
    return new TestPickle()
        .op(']', '(')
        .repeat(100_000, 'N')
        .op('e', 0x85, 'q', 0, '0')
        .global("builtins", "list")
        .op('q', 1)
        .repeat(20_000, 'h', 1, 'h', 0, 'R');
  }

  private static byte[] compressed() {
    byte[] pickle = new TestPickle().op('X').int32(20_000_000).raw(new byte[20_000_000]).stop();
    return new TestZip().addDeflated("a/data.pkl", pickle).bytes();
  }

  private static byte[] entries() {
    TestZip zip = TestZip.torch(new TestPickle().op('N').stop(), new byte[4]);
    for (int i = 0; i < 60_000; i++) {
      zip.aliasOf("archive/x" + i, new byte[0], 0);
    }
    return zip.bytes();
  }

  private static byte[] emptyTensors() {
    StringBuilder json = new StringBuilder("{");
    for (int i = 0; i < 120_000; i++) {
      json.append('"')
          .append(i)
          .append("\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},");
    }
    json.setCharAt(json.length() - 1, '}');
    return safetensors(json.toString());
  }

  private static byte[] safetensors(String header) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
    return out.putLong(json.length).put(json).array();
  }
}

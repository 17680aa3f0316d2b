package io.github.microsam.engine.onednn;

import io.github.microsam.engine.KernelProvider.Kernel;
import io.github.microsam.engine.KernelProvider.Spec;
import io.github.microsam.engine.KernelProvider.StepTemplate;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A kernel of several results, as a program of primitives. */
final class StepProgram implements StepTemplate {
  private final OneDnn dnn;
  private final List<Spec> inputs;
  private final List<Spec> outputs;
  private final List<Boolean> wanted;
  private final Author author;
  private Written written;

  /**
   * A program to be written.
   *
   * @param dnn the library
   * @param inputs what it may read
   * @param outputs what it may give
   * @param wanted which of them it gives
   * @param author writes it
   */
  StepProgram(
      OneDnn dnn, List<Spec> inputs, List<Spec> outputs, List<Boolean> wanted, Author author) {
    this.dnn = dnn;
    this.inputs = inputs;
    this.outputs = outputs;
    this.wanted = wanted;
    this.author = author;
  }

  /** Writes a program. */
  @FunctionalInterface
  interface Author {

    /**
     * Writes.
     *
     * @param program where to
     * @param in the inputs under their shapes
     * @param out the outputs; null where one is not wanted
     */
    void write(Program program, List<View> in, List<View> out);
  }

  /** Each program is bound once: the template keeps one that was asked about. */
  private record Written(Program program, long scratch, List<View> in, List<View> out) {}

  private Written written() {
    if (written == null) {
      Program program = new Program(dnn);
      List<View> in = inputs.stream().map(View::of).toList();
      List<View> out = new ArrayList<>();
      for (int i = 0; i < outputs.size(); i++) {
        out.add(wanted.get(i) ? View.of(outputs.get(i)) : null);
      }
      author.write(program, in, out);
      written = new Written(program, program.scratch(), in, out);
    }
    return written;
  }

  @Override
  public long scratch() {
    return written().scratch;
  }

  @Override
  public boolean reads(int input) {
    return written().in.get(input).place().last >= 0;
  }

  @Override
  public Kernel bind(List<INDArray> arrays, List<INDArray> results, INDArray scratch) {
    Written w = written();
    written = null;
    bind(w.in, arrays);
    bind(w.out, results);
    w.program.bind(scratch == null ? null : scratch.data().addressPointer());
    return w.program;
  }

  private static void bind(List<View> views, List<INDArray> arrays) {
    for (int i = 0; i < views.size(); i++) {
      if (views.get(i) != null && arrays.get(i) != null) {
        views.get(i).place().bind(arrays.get(i).data().addressPointer(), 0);
      }
    }
  }
}

package io.github.microsam.engine.onednn;

import io.github.microsam.engine.KernelProvider.Kernel;
import io.github.microsam.engine.KernelProvider.Spec;
import io.github.microsam.engine.KernelProvider.Template;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A kernel whose program is written when it is first needed. */
final class ProgramTemplate implements Template {
  private final OneDnn dnn;
  private final List<Spec> inputs;
  private final Spec output;
  private final Author author;
  private Written written;

  ProgramTemplate(OneDnn dnn, List<Spec> inputs, Spec output, Author author) {
    this.dnn = dnn;
    this.inputs = inputs;
    this.output = output;
    this.author = author;
  }

  /** Writes a program. */
  @FunctionalInterface
  interface Author {

    /**
     * Writes.
     *
     * @param to where to
     * @param in the region's inputs under their shapes
     * @param out its output
     */
    void write(Assembler to, List<View> in, View out);
  }

  /** Each program is bound once: the template keeps one that was asked for its scratch memory. */
  private record Written(Program program, long scratch, List<View> in, View out) {}

  private Written written() {
    if (written == null) {
      Program program = new Program(dnn);
      List<View> in = inputs.stream().map(View::of).toList();
      View out = View.of(output);
      author.write(new Assembler(program), in, out);
      written = new Written(program, program.scratch(), in, out);
    }
    return written;
  }

  @Override
  public long scratch() {
    return written().scratch;
  }

  @Override
  public Kernel bind(List<INDArray> arrays, INDArray result, INDArray scratch) {
    Written w = written();
    written = null;
    List<INDArray> all = new ArrayList<>(arrays);
    all.add(result);
    List<View> views = new ArrayList<>(w.in);
    views.add(w.out);
    for (int i = 0; i < all.size(); i++) {
      views.get(i).place().bind(all.get(i).data().addressPointer(), 0);
    }
    w.program.bind(scratch == null ? null : scratch.data().addressPointer());
    return w.program;
  }
}

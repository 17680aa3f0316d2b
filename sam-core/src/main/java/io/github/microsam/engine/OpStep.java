package io.github.microsam.engine;

import java.util.List;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.Op;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.factory.Nd4j;

/** A stock operation of ND4J. */
final class OpStep implements Step {
  private final String name;
  private final Context context;

  OpStep(String name, DifferentialFunction op, List<INDArray> inputs, List<INDArray> outputs) {
    this.name = name;
    context = new Context(op, inputs);
    for (int i = 0; i < outputs.size(); i++) {
      context.get().setOutputArray(i, outputs.get(i));
    }
  }

  @Override
  public void run() {
    context.run();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void close() {
    context.close();
  }

  /** An operation with its arguments and inputs, and its outputs once they are set. */
  static final class Context implements AutoCloseable {
    private final DifferentialFunction op;
    private final OpContext context = Nd4j.getExecutioner().buildContext();

    Context(DifferentialFunction op, List<INDArray> inputs) {
      this.op = op;
      if (op instanceof CustomOp custom) {
        context.setArgs(
            inputs.toArray(INDArray[]::new),
            custom.iArgs(),
            custom.dArgs(),
            custom.tArgs(),
            custom.bArgs());
      } else {
        for (int i = 0; i < inputs.size(); i++) {
          context.setInputArray(i, inputs.get(i));
        }
      }
    }

    OpContext get() {
      return context;
    }

    void run() {
      if (op instanceof CustomOp custom) {
        Nd4j.exec(custom, context);
      } else {
        Nd4j.exec((Op) op, context);
      }
    }

    @Override
    public void close() {
      try {
        context.close();
      } catch (Exception e) {
        throw new IllegalStateException("cannot free the context of " + op.getOwnName(), e);
      }
    }
  }
}

package io.github.microsam.engine;

import java.util.List;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.Op;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.factory.Nd4j;

/** One operation of a plan with its arrays in place. */
final class Step implements AutoCloseable {
  private final DifferentialFunction op;
  private final OpContext context;

  Step(DifferentialFunction op, OpContext context, List<INDArray> outputs) {
    this.op = op;
    this.context = context;
    for (int i = 0; i < outputs.size(); i++) {
      context.setOutputArray(i, outputs.get(i));
    }
  }

  /** A context with an operation's arguments and inputs, and no outputs yet. */
  static OpContext context(DifferentialFunction op, List<INDArray> inputs) {
    OpContext context = Nd4j.getExecutioner().buildContext();
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
    return context;
  }

  void run() {
    if (op instanceof CustomOp custom) {
      Nd4j.exec(custom, context);
    } else {
      Nd4j.exec((Op) op, context);
    }
  }

  String name() {
    return op.getOwnName() + " (" + op.opName() + ")";
  }

  @Override
  public void close() {
    try {
      context.close();
    } catch (Exception e) {
      throw new IllegalStateException("cannot free the context of " + name(), e);
    }
  }
}

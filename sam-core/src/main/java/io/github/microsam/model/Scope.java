package io.github.microsam.model;

import io.github.microsam.engine.Regions;
import java.util.function.Supplier;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The place in a graph where a layer adds itself: the graph, the prefix of the layer's keys, and
 * where its weights come from.
 *
 * @param sd the graph
 * @param dataType type of weights and activations: FLOAT, or DOUBLE where gradients are checked
 * @param weights gives the arrays
 * @param regions takes the parts of the graph that layers declare for kernels
 * @param path the PyTorch module's path, for instance {@code image_encoder.blocks.0.attn}; empty at
 *     the root
 */
public record Scope(
    SameDiff sd, DataType dataType, WeightSource weights, Regions regions, String path) {

  /**
   * A scope whose regions are its own.
   *
   * @param sd the graph
   * @param dataType type of weights and activations
   * @param weights gives the arrays
   * @param path the PyTorch module's path
   */
  public Scope(SameDiff sd, DataType dataType, WeightSource weights, String path) {
    this(sd, dataType, weights, new Regions(), path);
  }

  /**
   * The root of a new graph in single precision.
   *
   * @param weights gives the arrays of the weights
   * @return a scope with an empty path
   */
  public static Scope root(WeightSource weights) {
    return new Scope(SameDiff.create(), DataType.FLOAT, weights, "");
  }

  /**
   * The scope of a submodule.
   *
   * @param module name of the submodule, or several joined with dots
   * @return a scope on the same graph
   */
  public Scope at(String module) {
    return new Scope(sd, dataType, weights, regions, key(module));
  }

  /**
   * The scope of an element of a module list.
   *
   * @param index position in the list
   * @return a scope on the same graph
   */
  public Scope at(int index) {
    return at(Integer.toString(index));
  }

  /**
   * The key of something in this module.
   *
   * @param name name within the module
   * @return name with the path before it
   */
  public String key(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /**
   * A trained parameter of this module, named by its key.
   *
   * @param name name within the module, for instance {@code weight}
   * @param init how it is initialised for training from scratch
   * @param shape PyTorch's shape
   * @return a variable of the graph
   */
  public SDVariable parameter(String name, Init init, long... shape) {
    String key = key(name);
    return sd.var(key, weights.create(key, init, dataType, shape));
  }

  /**
   * A stored array of this module that no optimizer changes, named by its key: running statistics,
   * the matrix of the positional encoding.
   *
   * @param name name within the module, for instance {@code running_mean}
   * @param init what it is before training
   * @param shape PyTorch's shape
   * @return a constant of the graph
   */
  public SDVariable buffer(String name, Init init, long... shape) {
    String key = key(name);
    return sd.constant(key, weights.create(key, init, dataType, shape));
  }

  /**
   * A constant that is part of the architecture and in no checkpoint.
   *
   * @param name name within the module; must not be that of a weight
   * @param value the array
   * @return a constant of the graph
   */
  public SDVariable constant(String name, INDArray value) {
    return sd.constant(key(name), value.castTo(dataType));
  }

  /**
   * A constant of the architecture that is the same wherever a graph needs it, and in it once.
   *
   * @param name name within the graph; must tell apart what differs
   * @param value makes the array, the first time
   * @return a constant of the graph
   */
  public SDVariable sharedConstant(String name, Supplier<INDArray> value) {
    return sd.hasVariable(name)
        ? sd.getVariable(name)
        : sd.constant(name, value.get().castTo(dataType));
  }

  /**
   * Names what this module computes after the module.
   *
   * @param output the activation
   * @return the same variable, named as {@link #path()}
   */
  public SDVariable output(SDVariable output) {
    return output.rename(path);
  }
}

package io.github.microsam.model;

import io.github.microsam.golden.Golden;
import io.github.microsam.golden.NpyArray;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Golden arrays as arrays of ND4J. */
final class Goldens {
  private Goldens() {}

  /** An array of a set in single precision. */
  static INDArray array(Golden golden, String name) {
    NpyArray array = golden.array(name);
    return Nd4j.createFromArray(array.floats()).reshape(array.shape());
  }

  /** Fails unless the array has the golden's shape and its values within the tolerance. */
  static void assertMatches(Golden golden, String name, INDArray actual) {
    golden.assertMatches(name, actual.shape(), actual.dup('c').data().asFloat());
  }
}

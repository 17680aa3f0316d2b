package io.github.microsam.engine;

/** What the factors of products are rounded to. Sums, and all arrays, are in single precision. */
public enum Precision {
  /** Single precision: 24 bits of a number. */
  FLOAT32,

  /**
   * bfloat16: 8 bits of a number, where the processor multiplies such numbers faster (Intel AMX);
   * elsewhere the same as {@link #FLOAT32}.
   */
  BFLOAT16
}

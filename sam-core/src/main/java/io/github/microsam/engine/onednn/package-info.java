/**
 * Fused kernels on the CPU by oneDNN ({@code org.bytedeco:dnnl}).
 *
 * <p>Each kernel is a {@link io.github.microsam.engine.onednn.Program}: oneDNN primitives with
 * their memories bound, which run one after the other. Its test is the region of stock operations
 * that it replaces.
 */
package io.github.microsam.engine.onednn;

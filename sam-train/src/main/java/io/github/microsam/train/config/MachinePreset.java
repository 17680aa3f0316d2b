package io.github.microsam.train.config;

import io.github.microsam.train.Tuning;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a machine can train, micro-sam's {@code CONFIGURATIONS} and a smaller one. Those named after
 * a GPU are for its memory, whatever the device.
 */
public enum MachinePreset {
  /** The model in the library: machines with less than 8 GB. */
  NANO("nano", 4, 4, true, false),
  /** The smallest published model with few objects: machines with little memory. */
  MINIMAL("vit_t", 4, 4, true, false),
  /** No GPU, 24 GB of memory or more. */
  CPU("vit_b", 10, 8, false, false),
  /** A GPU of 8 GB. */
  GTX1080("vit_t", 5, 8, false, false),
  /** A GPU of 10 GB: the last block of the image encoder is trained. */
  GTX3080("vit_b", 5, 8, false, true),
  /** A GPU of 16 GB. */
  RTX5000("vit_b", 10, 8, false, false),
  /** A GPU of 32 GB. */
  V100("vit_b", 25, 8, false, false),
  /** A GPU of 80 GB. */
  A100("vit_h", 25, 8, false, false);

  /** vit_t needs 5 GB beside Java's heap to train all of it. */
  private static final long FOR_VIT_T = 8_000_000_000L;

  /** vit_b with patches of 512 × 512 and 10 objects needs most of this. */
  private static final long FOR_VIT_B = 20L << 30;

  private final String model;
  private final int objects;
  private final int subIterations;
  private final boolean recompute;
  private final boolean lastBlockOnly;

  MachinePreset(
      String model, int objects, int subIterations, boolean recompute, boolean lastBlockOnly) {
    this.model = model;
    this.objects = objects;
    this.subIterations = subIterations;
    this.recompute = recompute;
    this.lastBlockOnly = lastBlockOnly;
  }

  /**
   * The one for a machine without GPU.
   *
   * @param bytes memory of the machine
   * @return {@link #CPU} from 20 GiB, {@link #MINIMAL} from 8 GB, else {@link #NANO}
   */
  public static MachinePreset forMemory(long bytes) {
    return bytes >= FOR_VIT_B ? CPU : bytes >= FOR_VIT_T ? MINIMAL : NANO;
  }

  /**
   * The one for a GPU, by micro-sam's limits.
   *
   * @param bytes memory of the device
   * @return the largest that fits; {@link #CPU} for 8 GB and less
   */
  public static MachinePreset forGpuMemory(long bytes) {
    double gigabytes = bytes / 1e9;
    if (gigabytes > 80) {
      return A100;
    }
    if (gigabytes > 30) {
      return V100;
    }
    return gigabytes > 14 ? RTX5000 : gigabytes > 8 ? GTX3080 : CPU;
  }

  /**
   * A preset by its name in a configuration.
   *
   * @param name such as {@code cpu}; capitals make no difference
   * @return empty if there is none
   */
  public static Optional<MachinePreset> byName(String name) {
    return Arrays.stream(values()).filter(p -> Names.same(p.name(), name)).findFirst();
  }

  /**
   * All names.
   *
   * @return as they are written in a configuration
   */
  public static List<String> names() {
    return Arrays.stream(values()).map(MachinePreset::written).toList();
  }

  /** The name as it is written in a configuration. */
  String written() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The model that is trained.
   *
   * @return name of a published model
   */
  public String model() {
    return model;
  }

  /**
   * Objects of an image that are prompted.
   *
   * @return how many at most
   */
  public int objects() {
    return objects;
  }

  /**
   * Answers to each prompt and its corrections.
   *
   * @return how many
   */
  public int subIterations() {
    return subIterations;
  }

  /**
   * Whether the way back computes again what it reads of the way there.
   *
   * @return true where memory is short
   */
  public boolean recompute() {
    return recompute;
  }

  /**
   * Which weights of the image encoder are trained.
   *
   * @return all of them, or those of the last block
   */
  public Tuning tuning() {
    return lastBlockOnly ? new Tuning.Blocks(List.of(11)) : new Tuning.Full();
  }
}

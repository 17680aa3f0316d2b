package io.github.microsam.zarr;

/** Versions of Zarr. */
public enum ZarrFormat {
  /** Version 2, which every implementation reads. */
  V2,

  /** Version 3, for zarr-python from 3.0. */
  V3
}

package io.github.microsam.train.synthetic;

/** What a synthetic image shows. */
public enum SyntheticKind {
  /** Fluorescent nuclei on a dark background; grey. Labels: nuclei. */
  NUCLEI,
  /** Adherent cells in phase contrast, with halos; grey. Labels: cells. */
  PHASE_CONTRAST,
  /** Epithelium with stained membranes, bright lines around cells; grey. Labels: cells. */
  MEMBRANES,
  /**
   * Vesicles in electron microscopy, dark rings on a textured background; grey. Labels: vesicles.
   */
  VESICLES,
  /** Tissue stained with haematoxylin and eosin; colour. Labels: nuclei. */
  TISSUE,
  /** Squamous cells in a stained smear, in brightfield; grey. Labels: nuclei. */
  CYTOLOGY
}

package io.github.microsam.cli;

import io.github.microsam.train.data.ImageLabelDataset;
import java.io.PrintWriter;
import java.nio.file.Path;

/**
 * What a model is judged by, and where that is told.
 *
 * @param model the model
 * @param data images with their true labels
 * @param csv where all scores go; null for nowhere
 * @param line where progress is shown
 * @param out where the result is printed
 */
record Trial(
    NamedModel model, ImageLabelDataset data, Path csv, ProgressLine line, PrintWriter out) {}

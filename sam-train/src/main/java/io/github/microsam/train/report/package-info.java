/** What a training leaves to look at: tables of metrics, plots of them, pictures of predictions. */
package io.github.microsam.train.report;

/**
 * The configuration file of a training: YAML to and from immutable records, and presets for
 * machines.
 */
package io.github.microsam.train.config;

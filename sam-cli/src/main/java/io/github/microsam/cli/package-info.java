/**
 * The command {@code microsam}: one class a subcommand, which reads its options, calls the library
 * and prints.
 *
 * <p>Nothing here computes. A subcommand gets what it needs of the machine as a {@link
 * io.github.microsam.cli.Host} in its constructor, mixes in {@link
 * io.github.microsam.cli.CommonOptions}, and is listed in {@link
 * io.github.microsam.cli.MicrosamCommand}. Results go to standard output, everything else to
 * standard error. A subcommand fails by throwing; {@link io.github.microsam.cli.ErrorLines} turns
 * that into a line and an exit code.
 */
package io.github.microsam.cli;

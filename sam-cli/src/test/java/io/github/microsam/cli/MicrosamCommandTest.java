package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MicrosamCommandTest {

  @Test
  void everyCommandTeachesWithExamplesAndExitCodes() {
    List<CommandLine> commands = new ArrayList<>();
    collect(Main.commandLine(new Host(false, () -> null)), commands);
    assertTrue(commands.size() >= 5, commands.toString());
    for (CommandLine command : commands) {
      String name = command.getCommandSpec().qualifiedName();
      List<String> args = new ArrayList<>(List.of(name.split(" ", -1)));
      args.remove(0);
      args.add("--help");
      String help = CommandRun.of(args.toArray()).output();
      assertTrue(help.startsWith("Usage: " + name), help);
      assertTrue(help.contains("Examples:\n  ") && help.contains("microsam "), help);
      assertTrue(help.contains("Exit codes:") && help.contains("--verbose"), help);
      assertFalse(help.contains("${") || help.contains("$$"), help);
      assertTrue(
          help.lines().allMatch(line -> line.length() <= 100), name + " is wider than a terminal");
    }
  }

  @Test
  void everyExampleIsACommandThatParses() {
    List<CommandLine> commands = new ArrayList<>();
    collect(Main.commandLine(new Host(false, () -> null)), commands);
    for (CommandLine command : commands) {
      List<List<String>> examples = examples(command);
      assertFalse(examples.isEmpty(), command.getCommandName());
      for (List<String> example : examples) {
        // Throws for what is missing or does not exist.
        Main.commandLine(new Host(false, () -> null)).parseArgs(example.toArray(new String[0]));
      }
    }
  }

  /** The examples at the end of a command's help, without what a shell makes of them. */
  private static List<List<String>> examples(CommandLine command) {
    return Stream.of(command.getCommandSpec().usageMessage().footer())
        .filter(line -> line.startsWith("  microsam "))
        .map(line -> line.strip().replaceAll(" {2,}.*| [|>] .*", ""))
        .map(line -> List.of(line.substring("microsam ".length()).split(" ", -1)))
        .toList();
  }

  private static void collect(CommandLine command, List<CommandLine> into) {
    into.add(command);
    command.getSubcommands().values().forEach(c -> collect(c, into));
  }

  @Test
  void withoutACommandTheCommandsAreNamed() {
    String error = CommandRun.of().misuse();
    assertTrue(error.contains("convert, export, inspect, models"), error);
    assertTrue(error.contains("microsam --help"), error);
  }

  @Test
  void aMistypedCommandOrOptionIsAnsweredWithALikelyOne() {
    assertTrue(CommandRun.of("convrt").misuse().contains("convert"));
    assertTrue(CommandRun.of("inspect", "--jsn", "x").misuse().contains("--json"));
  }

  @Test
  void theVersionSaysWhatItRunsOn() {
    String version = CommandRun.of("--version").output();
    assertTrue(version.startsWith("microsam "), version);
    assertTrue(version.contains(System.getProperty("java.version")), version);
  }

  @Test
  void theProgramEndsWithTheExitCodeOfItsCommand() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "inspect",
                "no such file.pt")
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(1, process.waitFor(), err);
    assertEquals("", out);
    assertEquals("microsam inspect: no such file.pt: there is no such file", err.strip());
  }
}

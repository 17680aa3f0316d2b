package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private final StringWriter written = new StringWriter();
  private long nanos;

  @Test
  void aTerminalSeesOneLineWithRateAndTimeLeft() {
    ProgressLine line = line(true);
    line.show("vit_b", 0, 300_000_000);
    nanos = 50_000_000;
    line.show("vit_b", 1_000_000, 300_000_000);
    nanos = 2_000_000_000;
    line.show("vit_b", 100_000_000, 300_000_000);
    line.end();
    String full =
        "vit_b [==========                    ]  33 %, 100.0 MB of 300.0 MB, 50.0 MB/s, 0:04 left";
    assertEquals(
        "\rvit_b [                              ]   0 %, 0 B of 300.0 MB\r"
            + full
            + "\r"
            + " ".repeat(full.length())
            + "\r",
        written.toString());
  }

  @Test
  void aFileSeesALineEveryTenPerCent() {
    ProgressLine line = line(false);
    for (int i = 0; i <= 1000; i++) {
      nanos += 20_000_000;
      line.show("x", i * 1000L, 1_000_000);
    }
    assertEquals(10, written.toString().lines().count());
    assertEquals("x:  10 %, 100.0 kB of 1.0 MB", written.toString().lines().findFirst().orElse(""));
  }

  @Test
  void aFileSeesNothingOfWhatIsOverInASecond() {
    ProgressLine line = line(false);
    line.show("x", 0, 100);
    nanos = 900_000_000;
    line.show("x", 100, 100);
    assertEquals("", written.toString());
  }

  @Test
  void withoutATotalItIsALineEveryHundredMegabytes() {
    ProgressLine line = line(false);
    for (int i = 0; i <= 250; i++) {
      nanos += 20_000_000;
      line.show("x", i * 1_000_000L, -1);
    }
    assertEquals("x: 100.0 MB\nx: 200.0 MB\n", written.toString());
  }

  @Test
  void aMessageStandsOnALineOfItsOwn() {
    ProgressLine line = line(true);
    line.show("x", 0, -1);
    line.println("x: trying again");
    assertEquals("\rx 0 B\r     \rx: trying again\n", written.toString());
  }

  @Test
  void sizesAreInPowersOfTen() {
    assertEquals("999 B", ByteSize.of(999));
    assertEquals("1.0 kB", ByteSize.of(1000));
    assertEquals("1.0 MB", ByteSize.of(999_960));
    assertEquals("2.6 GB", ByteSize.of(2_564_550_879L));
  }

  private ProgressLine line(boolean terminal) {
    return new ProgressLine(
        new PrintWriter(written), terminal, ProgressLine.Unit.BYTES, () -> nanos);
  }

  @Test
  void stepsHaveAShareAndTimeLeft() {
    ProgressLine line =
        new ProgressLine(new PrintWriter(written), true, ProgressLine.Unit.STEPS, () -> nanos);
    line.show("cells", 0, 10);
    nanos = 2_000_000_000;
    line.show("cells", 4, 10);
    assertEquals(
        "cells [============                  ]  40 %, 0:03 left",
        written.toString().substring(written.toString().lastIndexOf('\r') + 1));
  }
}

package dev.kmemu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real gdb goes back. */
class GdbReverseTest {

  private static final int NOP = 8;

  private final Path directory;

  GdbReverseTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Program start(int[] code, String... options) {
    Path guest = GuestElf.write(directory.resolve("guest.elf"), code);
    String[] arguments = new String[options.length + 5];
    arguments[0] = "run";
    arguments[1] = guest.toString();
    arguments[2] = "--gdb";
    arguments[3] = "0";
    arguments[4] = "--wait";
    System.arraycopy(options, 0, arguments, 5, options.length);
    return Program.start(arguments);
  }

  @Test
  void stepsAreUndoneUpToTheBeginning() {
    try (Program program = start(GuestElf.COUNT, "--time", "instructions");
        Gdb gdb = Gdb.attach(program.awaitStub())) {
      long start = gdb.value("$pc");
      long rax = gdb.value("$rax");
      gdb.ask("stepi 10");
      assertThat(gdb.value("$rax")).isEqualTo(rax + 3);

      gdb.ask("reverse-stepi 6");
      assertThat(gdb.value("$rax")).isEqualTo(rax + 1);
      assertThat(gdb.value("$pc")).isEqualTo(start + 9 - 9);
      assertThat(gdb.ask("reverse-continue")).contains("No more reverse-execution history");
      assertThat(gdb.value("$rax")).isEqualTo(rax);
      assertThat(gdb.value("$pc")).isEqualTo(start);
    }
  }

  @Test
  void theLastBreakpointAndTheLastWriteAreFound() {
    try (Program program = start(GuestElf.COUNT, "--time", "instructions");
        Gdb gdb = Gdb.attach(program.awaitStub())) {
      long start = gdb.value("$pc");
      long rax = gdb.value("$rax");
      gdb.ask("break *" + (start + NOP) + " if $rax == " + (rax + 100_000));
      assertThat(gdb.ask("continue")).contains("Breakpoint 1");
      gdb.ask("delete");

      gdb.ask("break *" + start);
      assertThat(gdb.ask("reverse-continue")).contains("Breakpoint 2");
      assertThat(gdb.value("$rax")).isEqualTo(rax + 99_999);
      gdb.ask("delete");

      assertThat(gdb.ask("watch *(long *)($rsp - 8)")).contains("atchpoint 3");
      String answer = gdb.ask("reverse-continue");
      assertThat(answer).contains("Old value = " + (rax + 99_999), "New value = " + (rax + 99_998));
      assertThat(gdb.value("$pc")).as("before the write").isEqualTo(start + 3);
    }
  }

  @Test
  void aCrashIsUndoneAndNothingIsPrintedTwice() {
    try (Program program = start(GuestElf.SAY_U_AND_CRASH, "--time", "instructions");
        Gdb gdb = Gdb.attach(program.awaitStub())) {
      long start = gdb.value("$pc");
      assertThat(gdb.ask("continue")).contains("SIGILL");
      gdb.ask("reverse-stepi");
      assertThat(gdb.value("$pc")).isEqualTo(start + 6);
      assertThat(gdb.ask("reverse-continue")).contains("No more reverse-execution history");
      assertThat(gdb.value("$pc")).isEqualTo(start);
      gdb.ask("kill");
      assertThat(program.awaitEnd().out().split("  U", -1)).as("printed once").hasSize(2);
    }
  }

  @Test
  void withWallTimeGdbSaysThatItCanNot() {
    try (Program program = start(GuestElf.COUNT);
        Gdb gdb = Gdb.attach(program.awaitStub())) {
      gdb.ask("stepi");
      assertThat(gdb.ask("reverse-stepi")).contains("Target remote does not support this command");
    }
  }
}

package dev.kmemu.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the guest ends decides how the program does. */
class GuestEndTest {

  private final Path directory;

  GuestEndTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Program.Ended run(int... code) {
    Path guest = GuestElf.write(directory.resolve("guest.elf"), code);
    return Program.run("run", guest.toString(), "--exit");
  }

  @Test
  void aGuestThatReportsSuccessGivesZero() {
    Program.Ended ended = run(GuestElf.exit(0));

    assertThat(ended.status()).as("%s", ended).isZero();
    assertThat(ended.outLines()).contains("Guest: passed");
  }

  @Test
  void aGuestThatReportsAFailureGivesOne() {
    Program.Ended ended = run(GuestElf.exit(5));

    assertThat(ended.status()).as("%s", ended).isEqualTo(ExitStatus.GUEST_FAILED);
    assertThat(ended.outLines())
        .as("5 means nothing that we know")
        .contains("Guest: failed with 5");
  }

  @Test
  void aGuestInCountedTimeRunsTheSame() {
    Path guest = GuestElf.write(directory.resolve("guest.elf"), GuestElf.exit(0));
    Program.Ended ended = Program.run("run", guest.toString(), "--exit", "--time", "instructions");

    assertThat(ended.status()).as("%s", ended).isZero();
    assertThat(ended.outLines()).contains("Guest: passed");
  }

  @Test
  void aGuestThatHaltsGivesZero() {
    Program.Ended ended = run(GuestElf.HALT);

    assertThat(ended.status()).as("%s", ended).isZero();
    assertThat(ended.outLines()).contains("Guest: halted");
  }

  @Test
  void aGuestThatCrashesIsReportedInOneLine() {
    Program.Ended ended = run(GuestElf.UD2);

    assertThat(ended.status()).as("%s", ended).isEqualTo(ExitStatus.GUEST_CRASHED);
    assertThat(ended.outLines())
        .filteredOn(line -> line.contains("crashed"))
        .singleElement()
        .asString()
        .startsWith("Guest: crashed: #UD")
        .contains("RIP 0xffffffff80200000");
    assertThat(ended.err()).isEmpty();
  }

  @Test
  void aTerminationEndsTheProgramWhileTheGuestSpins() {
    assertEndedBy("TERM");
  }

  @Test
  void anInterruptEndsTheProgramWhileTheGuestSpins() {
    assumeFalse(Signals.isIgnored(Signals.INT), "a shell's background job ignores interrupts");
    assertEndedBy("INT");
  }

  private void assertEndedBy(String signal) {
    Path guest = GuestElf.write(directory.resolve("guest.elf"), GuestElf.SAY_U_AND_SPIN);
    try (Program program = Program.start("run", guest.toString(), "--gdb", "0")) {
      program.awaitOutput("  U");

      program.signal(signal);
      Program.Ended ended = program.awaitEnd();

      assertThat(ended.status()).as("%s", ended).isGreaterThan(128);
      assertThat(ended.err()).isEmpty();
    }
  }
}

package dev.kmemu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.firmware.SelfTestPattern;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debuggers come, go, crash and get in each other's way. */
class GdbSessionTest {

  private final Path directory;

  GdbSessionTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Program startSpinning() {
    Path guest = GuestElf.write(directory.resolve("guest.elf"), GuestElf.SAY_U_AND_SPIN);
    Program program = Program.start("run", guest.toString(), "--gdb", "0");
    program.awaitOutput("  U");
    return program;
  }

  @Test
  void gdbStopsAMachineThatRuns() {
    try (Program program = startSpinning();
        Gdb gdb = Gdb.attach(program.awaitStub())) {
      long pc = gdb.value("$pc");

      gdb.ask("stepi");

      assertThat(gdb.value("$pc")).as("it jumps to itself").isEqualTo(pc);
    }
  }

  @Test
  void ctrlCStopsAGuestThatNeverEnds() {
    Path guest = GuestElf.write(directory.resolve("guest.elf"), GuestElf.SAY_U_AND_SPIN);
    try (Program program = Program.start("run", guest.toString(), "--gdb", "0", "--wait");
        Gdb gdb = Gdb.attach(program.awaitStub())) {
      int from = gdb.position();
      gdb.tell("continue");
      program.awaitOutput("  U");

      gdb.interrupt();

      assertThat(gdb.answerSince(from)).contains("Program received signal SIGINT");
      assertThat(gdb.ask("x/2xb $pc")).contains("0xeb\t0xfe");
    }
  }

  @Test
  void gdbHearsThatTheTimeOfABootIsOver() throws IOException {
    Path image = directory.resolve("spin");
    Files.write(image, new byte[] {(byte) 0xEB, (byte) 0xFE});
    try (Program program =
            Program.start(
                "boot",
                image.toString(),
                "--format=flat64",
                "--serial=none",
                "--gdb=0",
                "--wait",
                "--timeout=4");
        Gdb gdb = Gdb.attach(program.awaitStub())) {
      int from = gdb.position();
      gdb.tell("continue");
      gdb.awaitText("exited with code 0174", from);
      assertThat(program.awaitEnd().status()).isEqualTo(ExitStatus.TIMEOUT);
    }
  }

  @Test
  void inNonStopModeGdbTalksWhileTheCpuRuns() {
    try (Program program = startSpinning();
        Gdb gdb = Gdb.start()) {
      gdb.ask("set non-stop on");
      gdb.ask("target remote " + program.awaitStub());
      gdb.ask("continue &");
      assertThat(gdb.ask("info threads")).contains("(running)");
      assertThat(gdb.ask("monitor help")).contains("gva2gpa");

      int from = gdb.position();
      gdb.ask("interrupt");
      gdb.awaitText("Program stopped", from);

      assertThat(gdb.ask("x/2xb $pc")).contains("0xeb\t0xfe");
    }
  }

  @Test
  void aDebuggerThatComesBackFindsTheSameMachine() {
    try (Program program = startSpinning()) {
      try (Gdb first = Gdb.attach(program.awaitStub())) {
        first.ask("set var $r15 = 0x1234");
        first.ask("set var *(char *)$rsp = 0");
        assertThat(first.ask("set var *(long *)($rsp - 8) = 0x5678"))
            .doesNotContain("Cannot access");
        assertThat(first.ask("detach")).contains("detached");
      }
      try (Gdb second = Gdb.attach(program.awaitStub())) {
        assertThat(second.value("$r15")).isEqualTo(0x1234);
        assertThat(second.value("*(long *)($rsp - 8)")).isEqualTo(0x5678);
      }
    }
  }

  @Test
  void aDebuggerThatCrashesMakesRoomForTheNext() {
    try (Program program = startSpinning()) {
      for (int crash = 1; crash <= 3; crash++) {
        try (Gdb doomed = Gdb.attach(program.awaitStub())) {
          doomed.ask("set var $r15 = " + crash);
          doomed.crash();
        }
      }
      try (Gdb next = Gdb.attach(program.awaitStub())) {
        assertThat(next.value("$r15")).isEqualTo(3);
      }
    }
  }

  @Test
  void aDebuggerThatCrashesWhileTheGuestRunsMakesRoomForTheNext() {
    Path guest = GuestElf.write(directory.resolve("guest.elf"), GuestElf.SAY_U_AND_SPIN);
    try (Program program = Program.start("run", guest.toString(), "--gdb", "0", "--wait")) {
      try (Gdb doomed = Gdb.attach(program.awaitStub())) {
        doomed.tell("continue");
        program.awaitOutput("  U");
        doomed.crash();
      }
      try (Gdb next = Gdb.attach(program.awaitStub())) {
        assertThat(next.ask("x/2xb $pc")).contains("0xeb\t0xfe");
      }
    }
  }

  @Test
  void aSecondDebuggerIsRefusedAndTheFirstIsUnharmed() {
    try (Program program = startSpinning();
        Gdb first = Gdb.attach(program.awaitStub());
        Gdb second = Gdb.start()) {
      first.ask("set var $r15 = 0x1234");

      second.ask("target remote " + program.awaitStub());

      assertThat(second.ask("info registers r15")).contains("The program has no registers now");
      assertThat(first.value("$r15")).isEqualTo(0x1234);
      assertThat(first.ask("stepi")).doesNotContain("closed");
      assertThat(first.value("$r15")).isEqualTo(0x1234);
    }
  }

  @Test
  void aHaltedMachineStaysUpForGdb() {
    try (Program program = Program.start("run", "--gdb", "0")) {
      program.awaitOutput("The machine stays up");

      try (Gdb gdb = Gdb.attachToSelfTest(program.awaitStub(), directory)) {
        long probe = gdb.value("*(long *)&selftest_probe_kva");
        assertThat(gdb.value("*(long *)0x" + Long.toHexString(probe)))
            .isEqualTo(SelfTestPattern.valueAt(probe));
        assertThat(gdb.ask("monitor check")).contains("agree");
        gdb.ask("detach");
      }
      try (Gdb gdb = Gdb.attachToSelfTest(program.awaitStub(), directory)) {
        assertThat(gdb.value("*(long *)&selftest_probe_kva")).isNotZero();
        assertThat(program.isAlive()).isTrue();
      }
    }
  }

  @Test
  void killEndsAMachineThatHasHalted() {
    try (Program program = Program.start("run", "--gdb", "0")) {
      program.awaitOutput("The machine stays up");
      try (Gdb gdb = Gdb.attach(program.awaitStub())) {
        assertThat(gdb.ask("kill")).contains("killed");
      }
      assertEndedQuietly(program);
    }
  }

  @Test
  void killEndsAMachineThatNeverRan() {
    try (Program program = Program.start("run", "--gdb", "0", "--wait");
        Gdb gdb = Gdb.attach(program.awaitStub())) {
      assertThat(gdb.ask("kill")).contains("killed");
      assertEndedQuietly(program);
    }
  }

  @Test
  void killEndsAMachineInMidRun() {
    try (Program program = startSpinning();
        Gdb gdb = Gdb.attach(program.awaitStub())) {
      assertThat(gdb.ask("kill")).contains("killed");
      assertEndedQuietly(program);
    }
  }

  @Test
  void withExitGdbSeesTheGuestExit() {
    try (Program program = Program.start("run", "--gdb", "0", "--wait", "--exit");
        Gdb gdb = Gdb.attach(program.awaitStub())) {
      assertThat(gdb.ask("continue")).containsPattern("Inferior 1 .*exited normally");
      assertEndedQuietly(program);
    }
  }

  @Test
  void withExitGdbSeesTheGuestsExitStatus() {
    Path guest = GuestElf.write(directory.resolve("guest.elf"), GuestElf.exit(5));
    try (Program program =
            Program.start("run", guest.toString(), "--gdb", "0", "--wait", "--exit");
        Gdb gdb = Gdb.attach(program.awaitStub())) {
      assertThat(gdb.ask("continue")).containsPattern("Inferior 1 .*exited with code 05");
      assertThat(program.awaitEnd().status()).isEqualTo(ExitStatus.GUEST_FAILED);
    }
  }

  @Test
  void gdbStandsOnTheInstructionThatCrashed() {
    Path guest = GuestElf.write(directory.resolve("guest.elf"), GuestElf.UD2);
    try (Program program = Program.start("run", guest.toString(), "--gdb", "0", "--wait");
        Gdb gdb = Gdb.attach(program.awaitStub())) {
      long pc = gdb.value("$pc");

      assertThat(gdb.ask("continue")).contains("SIGILL", "#UD");
      assertThat(gdb.value("$pc")).isEqualTo(pc);
      assertThat(gdb.ask("kill")).contains("killed");
      assertThat(program.awaitEnd().status()).isEqualTo(ExitStatus.GUEST_CRASHED);
    }
  }

  private static void assertEndedQuietly(Program program) {
    Program.Ended ended = program.awaitEnd();
    assertThat(ended.status()).as("%s", ended).isZero();
    assertThat(ended.err()).as("standard error").isEmpty();
  }

  @Test
  void gdbAttachesThroughASocketFileThatGoesWithTheMachine() {
    Path guest = GuestElf.write(directory.resolve("guest.elf"), GuestElf.SAY_U_AND_SPIN);
    Path socket = directory.resolve("gdb.sock");
    try (Program program =
        Program.start("run", guest.toString(), "--gdb", "unix:" + socket, "--wait")) {
      program.awaitOutput("gdb: listening on " + socket);
      try (Gdb gdb = Gdb.attach(socket.toString())) {
        assertThat(gdb.ask("x/1xb $pc")).contains("0x");
        gdb.tell("kill");
        assertThat(program.awaitEnd().status()).isZero();
      }
    }
    assertThat(socket).doesNotExist();
  }

  @Test
  void aSocketFileWithoutAFolderIsRefused() {
    Program.Ended ended =
        Program.run("run", "--gdb", "unix:" + directory.resolve("no/gdb.sock"), "--exit");

    assertThat(ended.status()).as(ended.toString()).isEqualTo(3);
    assertThat(ended.err()).contains("can't listen on", "no/gdb.sock", "choose another file");
  }
}

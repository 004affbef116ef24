package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.GuestProgram.CODE;
import static dev.kmemu.emulator.machine.GuestProgram.DATA;
import static dev.kmemu.emulator.machine.GuestProgram.va;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.debug.Watchpoint;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The debug exceptions of a guest that uses DR0 and DR7 itself, on the way back. */
@Timeout(60)
class ReversedDebugExceptionsTest {

  private static final int DEBUG = 1;

  /** mov rax, ADDRESS; mov dr0, rax; mov eax, DR7; mov dr7, rax. */
  private static String sets(long address, long control) {
    return "48c7c0"
        + InterruptedGuest.le32(address)
        + "0f23c0 b8"
        + InterruptedGuest.le32(control)
        + "0f23f8";
  }

  /** inc dword [DATA]; nop; inc dword [DATA]; hlt. */
  private static final String INCREMENTS =
      "ff0425" + InterruptedGuest.le32(DATA) + "90 ff0425" + InterruptedGuest.le32(DATA) + "f4";

  private static final long FIRST_INCREMENT = CODE + 18;

  /** mov edi, DATA-2; mov ecx, 5; rep stosb; nop; hlt. */
  private static final String STORES =
      "bf" + InterruptedGuest.le32(DATA - 2) + "b905000000 f3aa 90 f4";

  private static ReversedProgram program(String hex) {
    ReversedProgram program = new ReversedProgram(hex);
    // inc rbx; or dword [rsp+16], 0x10000, which is RF; iretq
    program.interrupted.handler(DEBUG, "48ffc3 814c241000000100 48cf");
    return program.attach();
  }

  private static void goesBackAsItCame(String hex, int steps) {
    try (ReversedProgram program = program(hex)) {
      long before = program.guest.get(Register.RBX);
      List<String> states = program.record(steps);
      assertThat(program.guest.get(Register.RBX) - before).as("debug exceptions").isPositive();
      for (int i = steps - 1; i >= 0; i--) {
        assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.Stepped());
        assertThat(program.hash()).as("state %d", i).isEqualTo(states.get(i));
      }
      for (int i = 1; i <= steps; i++) {
        program.go(ResumeKind.STEP);
        assertThat(program.hash()).as("state %d once more", i).isEqualTo(states.get(i));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0xD_0401, 0xF_0401})
  void anAccessToDataIsOneStepWithItsException(long control) {
    goesBackAsItCame(sets(DATA, control) + INCREMENTS, 13);
  }

  @Test
  void aBreakpointOnAnInstructionIsAStepBeforeIt() {
    String nops = "9090";
    goesBackAsItCame(sets(FIRST_INCREMENT + 2, 0x401) + nops + INCREMENTS, 12);
  }

  @Test
  void eachRoundOfARepeatedInstructionIsAStepWithItsException() {
    goesBackAsItCame(sets(DATA, 0xD_0401) + STORES, 20);
  }

  @Test
  void aWatchpointOnTheSameBytesIsFoundBeforeTheAccess() {
    try (ReversedProgram program = program(sets(DATA, 0xD_0401) + INCREMENTS)) {
      program.record(9);
      Watchpoint watched = new Watchpoint(Watchpoint.Kind.WRITE, va(DATA), 4);
      program.machine.debugTarget().watchpoints().orElseThrow().insert(watched);
      assertThat(program.back(ResumeKind.CONTINUE)).isInstanceOf(StopReason.Watched.class);
      assertThat(program.guest.get(Register.RIP)).isEqualTo(FIRST_INCREMENT);
      assertThat(program.guest.load(DATA) & 0xFFFF_FFFFL).isZero();
    }
  }
}

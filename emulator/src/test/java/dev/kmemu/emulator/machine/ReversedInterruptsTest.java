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

/** Interrupts, exceptions, sleep and repeated instructions on the way back. */
@Timeout(240)
class ReversedInterruptsTest {

  /**
   * Exceptions, interrupts in windows, sleep, REP, system instructions, in an endless loop.
   *
   * <pre>
   * sti
   * loop: mov edi, DATA+0x100; mov esi, DATA+0x200; mov ecx, 5; rep movsb; rdtsc; mov [DATA], rax
   * ud2 (whose handler skips it); pushf; cli; inc rbx; popf; cpuid; cli; nop; sti; nop
   * mov eax, ss; mov ss, eax; nop
   * test bl, 3; jnz over; hlt; over: jmp loop
   * </pre>
   */
  static final String BUSY =
      "fb bf00012000 be00022000 b905000000 f3a4 0f31 4889042500002000 0f0b 9c fa 48ffc3 9d 0fa2"
          + "fa 90 fb 90 8cd0 8ed0 90 f6c303 7501 f4 ebca";

  private static final long LOOP = CODE + 1;
  private static final int INVALID_OPCODE = 6;

  /** add qword [rsp], 2; iretq. */
  private static final String SKIP_TWO = "4883042402 48cf";

  static ReversedProgram busy(long tick, HistoryLimits limits) {
    ReversedProgram program = new ReversedProgram(BUSY, limits).withTicks(tick);
    program.interrupted.handler(INVALID_OPCODE, SKIP_TWO);
    return program.attach();
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 13, 37, 111})
  void everyStateIsFoundAgain(long tick) {
    try (ReversedProgram program = busy(tick, ReversedProgram.LIMITS)) {
      List<String> states = program.record(400);
      assertThat(program.interrupted.count(InterruptedGuest.VECTOR)).isPositive();
      if (tick > 30) {
        assertThat(program.guest.get(Register.RBX)).isGreaterThan(3);
      }
      for (int i = 399; i >= 0; i -= i > 340 ? 1 : 7) {
        while (!program.hash().equals(states.get(i))) {
          assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.Stepped());
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {13, 37, 111})
  void aFreeRunGoesTheWayOfSteps(long tick) {
    try (ReversedProgram program = busy(tick, ReversedProgram.LIMITS)) {
      List<String> states = program.record(600);
      program.back(ResumeKind.CONTINUE);
      program.machine.debugTarget().insertBreakpoint(va(LOOP));
      int at = 0;
      while (program.go(ResumeKind.CONTINUE) instanceof StopReason.Breakpoint) {
        int found = states.subList(at, states.size()).indexOf(program.hash());
        if (found < 0) {
          break;
        }
        at += found + 1;
      }
      assertThat(at).as("the last that was found").isGreaterThan(500);
    }
  }

  @Test
  void theWriteThatAnInterruptHandlerMadeIsFound() {
    try (ReversedProgram program = busy(37, ReversedProgram.LIMITS)) {
      program.record(2000);
      long count = program.interrupted.count(InterruptedGuest.VECTOR);
      assertThat(count).isGreaterThan(10);
      Watchpoint watched =
          new Watchpoint(
              Watchpoint.Kind.WRITE, va(DATA + 0x1000 + InterruptedGuest.VECTOR * 8L), 8);
      program.machine.debugTarget().watchpoints().orElseThrow().insert(watched);
      for (long before = count - 1; before > count - 6; before--) {
        assertThat(program.back(ResumeKind.CONTINUE)).isInstanceOf(StopReason.Watched.class);
        assertThat(program.interrupted.count(InterruptedGuest.VECTOR)).isEqualTo(before);
      }
    }
  }

  @Test
  void anIterationOfARepeatedInstructionIsAStep() {
    try (ReversedProgram program = busy(1_000_000, ReversedProgram.LIMITS)) {
      program.record(5);
      assertThat(program.guest.get(Register.RIP)).isEqualTo(CODE + 16);
      assertThat(program.guest.get(Register.RCX)).isEqualTo(4);
      program.back(ResumeKind.STEP);
      assertThat(program.guest.get(Register.RCX)).isEqualTo(5);
    }
  }

  @Test
  void aStepIntoSleepIsUndoneAndTheNextWakesUp() {
    try (ReversedProgram program = new ReversedProgram("fb f4 90 ebfb").withTicks(500).attach()) {
      List<String> states = program.record(20);
      assertThat(program.interrupted.count(InterruptedGuest.VECTOR)).isGreaterThan(1);
      for (int i = 19; i >= 0; i--) {
        assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.Stepped());
        assertThat(program.hash()).as("state %d", i).isEqualTo(states.get(i));
      }
    }
  }

  @Test
  void theEndOfTheGuestIsNoHit() {
    // inc rax; inc rax; cli; hlt; inc rax; jmp .
    try (ReversedProgram program =
        new ReversedProgram("48ffc0 48ffc0 fa f4 48ffc0 ebfe").attach()) {
      List<String> states = program.record(4);
      assertThat(program.guest.get(Register.RIP)).isEqualTo(CODE + 8);
      program.machine.debugTarget().insertBreakpoint(va(CODE + 3));
      assertThat(program.back(ResumeKind.CONTINUE))
          .isEqualTo(new StopReason.Breakpoint(va(CODE + 3)));
      assertThat(program.hash()).isEqualTo(states.get(1));
      assertThat(program.go(ResumeKind.CONTINUE)).isEqualTo(new StopReason.Halted());
      program.record(2);
      assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.Stepped());
      assertThat(program.guest.get(Register.RAX)).isEqualTo(0x13);
    }
  }

  @Test
  void aCrashIsUndone() {
    // inc rax; inc rax; ud2 without a handler.
    try (ReversedProgram program = new ReversedProgram("48ffc0 48ffc0 0f0b").attach()) {
      List<String> states = program.record(2);
      assertThat(program.go(ResumeKind.CONTINUE)).isInstanceOf(StopReason.Crashed.class);
      assertThat(program.machine.outcome()).isDone();
      assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.Stepped());
      assertThat(program.hash()).isEqualTo(states.get(1));
      assertThat(program.machine.outcome()).isNotDone();
      assertThat(program.go(ResumeKind.STEP)).isEqualTo(new StopReason.Stepped());
      assertThat(program.go(ResumeKind.STEP)).isInstanceOf(StopReason.Crashed.class);
    }
  }
}

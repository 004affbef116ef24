package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.GuestProgram.CODE;
import static dev.kmemu.emulator.machine.GuestProgram.va;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.debug.Watchpoint;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Unicorn begins an instruction anew that stores to the code of its own block. It is counted once
 * all the same, and a hit of a watchpoint isn't over before it has been executed.
 */
@Timeout(120)
class ReversedSelfModifyingCodeTest {

  private static final long STORE = CODE + 3;
  private static final long PATCHED = CODE + 9;
  private static final long IMMEDIATE = PATCHED + 1;

  // loop: inc rax; inc byte [IMMEDIATE]; PATCHED: mov bl, 0; jmp loop
  private final ReversedProgram program =
      new ReversedProgram("48ffc0 fe0501000000 b300 ebf3").attach();

  @AfterEach
  void close() {
    program.close();
  }

  private long rip() {
    return program.guest.get(Register.RIP);
  }

  @Test
  void eachStepExecutesOneInstruction() {
    for (int round = 1; round <= 5; round++) {
      for (long next : new long[] {STORE, PATCHED, CODE + 11, CODE}) {
        assertThat(program.go(ResumeKind.STEP)).isEqualTo(new StopReason.Stepped());
        assertThat(rip()).isEqualTo(next);
      }
      assertThat(program.guest.get(Register.RBX)).isEqualTo(round);
    }
  }

  @Test
  void everyStepIsUndone() {
    List<String> states = program.record(22);
    assertThat(states).doesNotHaveDuplicates();
    for (int i = 21; i >= 0; i--) {
      assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.Stepped());
      assertThat(program.hash()).as("state %d", i).isEqualTo(states.get(i));
    }
  }

  @Test
  void whatRanFreelyIsUndoneStepByStep() {
    program.machine.debugTarget().insertBreakpoint(va(CODE));
    for (int round = 0; round < 4; round++) {
      assertThat(program.go(ResumeKind.CONTINUE)).isEqualTo(new StopReason.Breakpoint(va(CODE)));
    }
    program.machine.debugTarget().removeBreakpoint(va(CODE));
    for (long next : new long[] {CODE + 11, PATCHED, STORE, CODE, CODE + 11, PATCHED, STORE}) {
      assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.Stepped());
      assertThat(rip()).isEqualTo(next);
    }
  }

  @Test
  void aWatchpointOnTheCodeStopsBehindEachStore() {
    Watchpoint watched = new Watchpoint(Watchpoint.Kind.WRITE, va(IMMEDIATE), 1);
    program.machine.debugTarget().watchpoints().orElseThrow().insert(watched);
    long before = program.guest.get(Register.RAX);
    for (int round = 1; round <= 3; round++) {
      assertThat(program.go(ResumeKind.CONTINUE))
          .isEqualTo(new StopReason.Watched(watched, va(IMMEDIATE)));
      assertThat(rip()).isEqualTo(PATCHED);
      assertThat(program.guest.get(Register.RAX)).isEqualTo(before + round);
    }
    assertThat(program.back(ResumeKind.CONTINUE))
        .isEqualTo(new StopReason.Watched(watched, va(IMMEDIATE)));
    assertThat(program.guest.get(Register.RAX)).isEqualTo(before + 3);
    assertThat(rip()).as("before the store").isEqualTo(STORE);
  }
}

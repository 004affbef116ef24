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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A debugger goes back the way that the CPU has come. */
@Timeout(120)
class ReverseExecutionTest {

  /** loop: inc rax; mov [DATA], rax; nop; dec rbx; jmp loop. */
  private static final String LOOP = "48ffc0 4889042500002000 90 48ffcb ebef";

  private static final long STORE = CODE + 3;
  private static final long NOP = CODE + 11;
  private static final int LENGTH = 5;

  private static final Watchpoint WATCHED = new Watchpoint(Watchpoint.Kind.WRITE, va(DATA), 8);

  private final ReversedProgram program = new ReversedProgram(LOOP);

  @AfterEach
  void close() {
    program.close();
  }

  private long rip() {
    return program.guest.get(Register.RIP);
  }

  @Test
  void everyStepIsUndone() {
    program.attach();
    List<String> states = program.record(23);
    for (int i = 22; i >= 0; i--) {
      assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.Stepped());
      assertThat(program.hash()).as("state %d", i).isEqualTo(states.get(i));
    }
  }

  @Test
  void stepsThatWereUndoneAreDoneAgain() {
    program.attach();
    List<String> states = program.record(10);
    for (int i = 0; i < 7; i++) {
      program.back(ResumeKind.STEP);
    }
    assertThat(program.record(7)).isEqualTo(states.subList(3, 11));
  }

  @Test
  void historyBeginsWhereTheDebuggerAttached() {
    program.attach();
    List<String> states = program.record(1);

    assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.Stepped());
    assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.HistoryEnded());
    assertThat(program.back(ResumeKind.CONTINUE)).isEqualTo(new StopReason.HistoryEnded());

    assertThat(program.hash()).isEqualTo(states.get(0));
  }

  @Test
  void withoutABreakpointTheCpuRunsBackToTheBeginning() {
    program.attach();
    List<String> states = program.record(0);
    runRounds(3000);

    assertThat(program.back(ResumeKind.CONTINUE)).isEqualTo(new StopReason.HistoryEnded());

    assertThat(program.hash()).isEqualTo(states.get(0));
  }

  @Test
  void aSearchGoesBackAcrossMoreCheckpointsThanItsWindowCanGrow() {
    HistoryLimits many = new HistoryLimits(64, 1 << 30, 1000);
    try (ReversedProgram longer = new ReversedProgram(LOOP, many).attach()) {
      String first = longer.hash();
      runRounds(longer, 6000);
      assertThat(longer.back(ResumeKind.CONTINUE)).isEqualTo(new StopReason.HistoryEnded());
      assertThat(longer.hash()).isEqualTo(first);
    }
  }

  private void runRounds(int rounds) {
    runRounds(program, rounds);
  }

  /** Runs freely until {@code rounds} are over, and stands at the NOP of the next. */
  private static void runRounds(ReversedProgram program, int rounds) {
    program.machine.debugTarget().insertBreakpoint(va(NOP));
    for (int i = 0; i <= 20; i++) {
      assertThat(program.go(ResumeKind.CONTINUE)).isEqualTo(new StopReason.Breakpoint(va(NOP)));
    }
    program.machine.debugTarget().removeBreakpoint(va(NOP));
    long until = rounds + 1L;
    program
        .machine
        .debugTarget()
        .conditionalBreakpoints()
        .orElseThrow()
        .insert(va(NOP), cpu -> cpu.register(Register.RAX) == until);
    assertThat(program.go(ResumeKind.CONTINUE)).isEqualTo(new StopReason.Breakpoint(va(NOP)));
    assertThat(program.guest.get(Register.RAX)).isEqualTo(until);
    program.machine.debugTarget().removeBreakpoint(va(NOP));
  }

  @Test
  void theLastHitOfABreakpointIsFound() {
    program.attach();
    runRounds(2500);
    program.machine.debugTarget().insertBreakpoint(va(CODE));
    for (int round = 2500; round > 2490; round--) {
      assertThat(program.back(ResumeKind.CONTINUE)).isEqualTo(new StopReason.Breakpoint(va(CODE)));
      assertThat(rip()).isEqualTo(CODE);
      assertThat(program.guest.get(Register.RAX)).isEqualTo(round);
    }
  }

  @Test
  void aHitLongAgoIsFound() {
    program.attach();
    runRounds(5000);
    program
        .machine
        .debugTarget()
        .conditionalBreakpoints()
        .orElseThrow()
        .insert(va(NOP), cpu -> cpu.register(Register.RAX) == 77);

    assertThat(program.back(ResumeKind.CONTINUE)).isEqualTo(new StopReason.Breakpoint(va(NOP)));

    assertThat(program.guest.get(Register.RAX)).isEqualTo(77);
    assertThat(program.guest.load(DATA)).isEqualTo(77);
  }

  @Test
  void theLastWriteIsFoundAndTheCpuStandsBeforeIt() {
    program.attach();
    runRounds(1000);
    program.machine.debugTarget().watchpoints().orElseThrow().insert(WATCHED);
    for (int value = 1001; value > 995; value--) {
      assertThat(program.back(ResumeKind.CONTINUE))
          .isEqualTo(new StopReason.Watched(WATCHED, va(DATA)));
      assertThat(rip()).isEqualTo(STORE);
      assertThat(program.guest.get(Register.RAX)).isEqualTo(value);
      assertThat(program.guest.load(DATA)).isEqualTo(value - 1);
    }
    assertThat(program.go(ResumeKind.CONTINUE))
        .isEqualTo(new StopReason.Watched(WATCHED, va(DATA)));
    assertThat(rip()).as("forward, behind it").isEqualTo(NOP);
  }

  @Test
  void breakpointsAndWatchesChangeNothingOfTheWay() {
    program.attach();
    List<String> states = program.record(40 * LENGTH);
    program.back(ResumeKind.CONTINUE);
    program.machine.debugTarget().watchpoints().orElseThrow().insert(WATCHED);
    program.machine.debugTarget().insertBreakpoint(va(CODE));
    for (int round = 0; round < 39; round++) {
      assertThat(program.go(ResumeKind.CONTINUE)).isInstanceOf(StopReason.Watched.class);
      assertThat(program.hash()).isEqualTo(states.get(round * LENGTH + 2));
      assertThat(program.go(ResumeKind.CONTINUE)).isInstanceOf(StopReason.Breakpoint.class);
      assertThat(program.hash()).isEqualTo(states.get(round * LENGTH + LENGTH));
    }
    assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.Stepped());
    assertThat(program.hash()).isEqualTo(states.get(39 * LENGTH - 1));
  }

  @Test
  void anInterruptedSearchStopsSomewhereOnTheWay() {
    program.attach();
    runRounds(1000);
    program
        .machine
        .debugTarget()
        .reverseExecution()
        .orElseThrow()
        .resumeBackwards(ResumeKind.CONTINUE);
    program.machine.debugTarget().interrupt();
    assertThat(program.guest.nextStop())
        .isIn(new StopReason.Interrupted(), new StopReason.HistoryEnded());
    String here = program.hash();
    program.go(ResumeKind.STEP);
    program.back(ResumeKind.STEP);
    assertThat(program.hash()).isEqualTo(here);
  }

  @Test
  void aMachineWithWallTimeDoesNotGoBack() {
    try (GuestProgram other = new GuestProgram(LOOP)) {
      other.machine.debugTarget().attach(other);
      assertThat(other.machine.debugTarget().reverseExecution()).isEmpty();
    }
  }

  @Test
  void aDebuggerThatComesBackBeginsAnotherHistory() {
    program.attach();
    program.record(5);
    program.machine.debugTarget().detach();
    program.attach();
    assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.HistoryEnded());
    List<String> states = program.record(3);
    program.back(ResumeKind.STEP);
    assertThat(program.hash()).isEqualTo(states.get(2));
  }
}

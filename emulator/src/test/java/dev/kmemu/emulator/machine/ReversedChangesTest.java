package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.GuestProgram.DATA;
import static dev.kmemu.emulator.machine.GuestProgram.va;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.memory.PhysicalAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What comes from outside, and what a history does with it. */
@Timeout(120)
class ReversedChangesTest {

  /** loop: inc rax; mov [DATA], rax; nop; dec rbx; jmp loop. */
  private final ReversedProgram program =
      new ReversedProgram("48ffc0 4889042500002000 90 48ffcb ebef").attach();

  @AfterEach
  void close() {
    program.close();
  }

  private void write(long value) {
    byte[] bytes = {(byte) value, 0, 0, 0, 0, 0, 0, 0};
    program.machine.debugTarget().writeMemory(va(DATA + 8), bytes, 0, bytes.length);
  }

  @Test
  void historyGoesAcrossWhatTheDebuggerWrote() {
    List<String> before = program.record(7);
    program.guest.set(Register.RAX, 1000);
    write(9);
    List<String> after = program.record(7);

    for (int i = 6; i >= 0; i--) {
      assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.Stepped());
      assertThat(program.hash()).as("behind the write, %d", i).isEqualTo(after.get(i));
    }
    for (int i = 6; i >= 0; i--) {
      assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.Stepped());
      assertThat(program.hash()).as("before the write, %d", i).isEqualTo(before.get(i));
    }
  }

  @Test
  void aWriteInThePastIsTheBeginningOfAnotherFuture() {
    program.record(20);
    for (int i = 0; i < 10; i++) {
      program.back(ResumeKind.STEP);
    }
    write(9);
    List<String> other = program.record(3000);
    assertThat(program.guest.load(DATA + 8)).isEqualTo(9);
    for (int i = 2999; i > 2990; i--) {
      program.back(ResumeKind.STEP);
      assertThat(program.hash()).isEqualTo(other.get(i));
    }
  }

  @Test
  void whoGoesBackBeforeAWriteAndOnDoesNotMeetItAgain() {
    List<String> before = program.record(7);
    write(9);
    program.record(5);
    for (int i = 0; i < 8; i++) {
      program.back(ResumeKind.STEP);
    }
    assertThat(program.record(3)).isEqualTo(before.subList(4, 8));
    program.record(5);
    assertThat(program.guest.load(DATA + 8)).isZero();
    for (int i = 0; i < 5; i++) {
      program.back(ResumeKind.STEP);
    }
    assertThat(program.hash()).isEqualTo(before.get(7));
  }

  @Test
  void aWriteThatNothingFollowedIsUndoneByGoingBack() {
    List<String> states = program.record(3);
    write(9);
    program.back(ResumeKind.STEP);
    assertThat(program.hash()).isEqualTo(states.get(2));
    assertThat(program.record(1).get(1)).isEqualTo(states.get(3));
  }

  @Test
  void aWriteByPhysicalAddressCountsToo() {
    program.record(3);
    byte[] bytes = {5};
    program
        .machine
        .debugTarget()
        .physicalMemory()
        .orElseThrow()
        .write(new PhysicalAddress(DATA + 16), bytes, 0, 1);
    List<String> states = program.record(3);
    program.back(ResumeKind.STEP);
    assertThat(program.hash()).isEqualTo(states.get(2));
  }

  @Test
  void historyBeginsAnewWhereSomethingOutsideChangedTheMachine() {
    program.record(10);
    program.machine.changedFromOutside();
    List<String> states = program.record(3);
    for (int i = 2; i >= 0; i--) {
      assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.Stepped());
      assertThat(program.hash()).isEqualTo(states.get(i));
    }
    assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.HistoryEnded());
  }

  @Test
  void historyBeginsAnewAfterASnapshotWasRestored() {
    program.record(4);
    try (MachineSnapshot snapshot = program.machine.snapshot()) {
      program.record(6);
      program.machine.restore(snapshot);
      String here = program.hash();
      assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.HistoryEnded());
      program.record(2);
      assertThat(program.back(ResumeKind.CONTINUE)).isEqualTo(new StopReason.HistoryEnded());
      assertThat(program.hash()).isEqualTo(here);
    }
  }

  @Test
  void anInterruptFromAnotherThreadIsSomethingOutside() {
    program.record(10);
    program.interrupted.line.raise(InterruptedGuest.VECTOR);
    program.record(1);
    program.back(ResumeKind.STEP);
    assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.HistoryEnded());
  }

  @Test
  void whatIsExecutedOnTheWayBackIsARepetition() {
    program.record(10);
    assertThat(program.machine.isRepeating()).isFalse();
    program.back(ResumeKind.STEP);
    assertThat(program.machine.isRepeating()).isTrue();
    program.go(ResumeKind.STEP);
    assertThat(program.machine.isRepeating()).isFalse();
  }
}

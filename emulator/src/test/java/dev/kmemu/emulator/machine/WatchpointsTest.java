package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.GuestProgram.CODE;
import static dev.kmemu.emulator.machine.GuestProgram.DATA;
import static dev.kmemu.emulator.machine.GuestProgram.PML4;
import static dev.kmemu.emulator.machine.GuestProgram.va;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.debug.Watchpoint;
import dev.kmemu.emulator.debug.Watchpoints;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WatchpointsTest {

  private static final Watchpoint WRITES = new Watchpoint(Watchpoint.Kind.WRITE, va(DATA + 8), 8);

  // next: inc qword [rdi]; jmp next
  private final GuestProgram guest = new GuestProgram("48ff07 ebfb");
  private final DebugTarget target = guest.machine.debugTarget();
  private final Watchpoints watchpoints = target.watchpoints().orElseThrow();

  @BeforeEach
  void attach() {
    target.attach(guest);
    guest.set(Register.RDI, DATA + 8);
  }

  @AfterEach
  void close() {
    guest.close();
  }

  private StopReason continues() {
    target.resume(ResumeKind.CONTINUE);
    return guest.nextStop();
  }

  private static StopReason watched(Watchpoint watchpoint, long address) {
    return new StopReason.Watched(watchpoint, va(address));
  }

  @Test
  void theCpuStopsBehindEachUse() {
    watchpoints.insert(WRITES);
    watchpoints.insert(WRITES);
    for (int hit = 1; hit <= 3; hit++) {
      assertThat(continues()).isEqualTo(watched(WRITES, DATA + 8));
      assertThat(guest.get(Register.RIP)).isEqualTo(CODE + 3);
      assertThat(guest.load(DATA + 8)).isEqualTo(hit);
    }
  }

  @Test
  void beingWatchedBeatsHavingStepped() {
    watchpoints.insert(WRITES);
    target.resume(ResumeKind.STEP);
    assertThat(guest.nextStop()).isEqualTo(watched(WRITES, DATA + 8));
    target.resume(ResumeKind.STEP);
    assertThat(guest.nextStop()).isEqualTo(new StopReason.Stepped());
  }

  @Test
  void aReadCountsForThoseThatReadOnly() {
    Watchpoint reads = new Watchpoint(Watchpoint.Kind.READ, va(DATA + 8), 4);
    watchpoints.insert(reads);
    assertThat(continues()).isEqualTo(watched(reads, DATA + 8));
  }

  @Test
  void theFifthIsRefused() {
    for (int i = 0; i < 4; i++) {
      watchpoints.insert(new Watchpoint(Watchpoint.Kind.ACCESS, va(DATA + 0x100 + 8L * i), 8));
    }
    assertThat(watchpoints.capacity()).isEqualTo(4);
    assertThatThrownBy(() -> watchpoints.insert(WRITES))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("4");
    watchpoints.remove(new Watchpoint(Watchpoint.Kind.ACCESS, va(DATA + 0x100), 8));
    watchpoints.insert(WRITES);
    assertThat(continues()).isEqualTo(watched(WRITES, DATA + 8));
  }

  @Test
  void aRemovedOneIsNotHit() {
    guest.code(CODE, "48ff07 f4");
    watchpoints.insert(WRITES);
    watchpoints.remove(WRITES);
    assertThat(continues()).isEqualTo(new StopReason.Halted());
  }

  @Test
  void detachingRemovesThem() {
    guest.code(CODE, "48ff07 f4");
    watchpoints.insert(WRITES);
    target.detach();
    assertThat(guest.machine.outcome().join()).isEqualTo(new GuestOutcome.Halted());
    assertThat(guest.stops).isEmpty();
    assertThat(guest.load(DATA + 8)).isEqualTo(1);
  }

  @Test
  void theyFollowTheAddressSpace() {
    // mov cr3, rbx; mov [rdi], rax; mov cr3, rcx; mov [rdi], rax; hlt
    guest.code(CODE, "0f22db 488907 0f22d9 488907 f4");
    guest.store(0x5000, 0x6003);
    guest.store(0x6000, 0x7003);
    guest.store(0x7000, 0x83);
    guest.store(0x7008, 0x600083);
    guest.set(Register.RBX, 0x5000);
    guest.set(Register.RCX, PML4);
    watchpoints.insert(WRITES);
    guest.set(Register.RAX, 7);
    assertThat(continues()).as("where DATA is 6 MiB").isEqualTo(watched(WRITES, DATA + 8));
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE + 6);
    assertThat(guest.load(0x600008)).isEqualTo(7);
    assertThat(continues()).isEqualTo(watched(WRITES, DATA + 8));
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE + 12);
  }

  @Test
  void aWatchedCpuCanBeInterruptedExactly() {
    // next: inc rax; call f; jmp next; f: inc rbx; ret
    guest.code(CODE, "48ffc0 e802000000 ebf6 48ffc3 c3");
    guest.set(Register.RAX, 0);
    guest.set(Register.RBX, 0);
    watchpoints.insert(WRITES);
    for (int i = 0; i < 200; i++) {
      target.resume(ResumeKind.CONTINUE);
      target.interrupt();
      assertThat(guest.nextStop()).isEqualTo(new StopReason.Interrupted());
      long behind = guest.get(Register.RAX) - guest.get(Register.RBX);
      assertThat(behind).as("calls that were made once each").isBetween(0L, 1L);
    }
    assertThat(guest.get(Register.RSP)).isBetween(GuestProgram.STACK - 8, GuestProgram.STACK);
  }

  @Test
  void aSnapshotGoesBackAndWatchesOn() {
    try (MachineSnapshot before = guest.machine.snapshot()) {
      watchpoints.insert(WRITES);
      continues();
      guest.machine.restore(before);
      assertThat(guest.load(DATA + 8)).isZero();
      assertThat(continues()).isEqualTo(watched(WRITES, DATA + 8));
      watchpoints.remove(WRITES);
      guest.machine.restore(before);
      guest.code(CODE, "48ff07 f4");
      assertThat(continues()).isEqualTo(new StopReason.Halted());
      assertThat(guest.load(DATA + 8)).isEqualTo(1);
    }
  }

  @Test
  void withGuestTimeByInstructionsToo() {
    try (GuestProgram counted =
        new GuestProgram(
            "48ff07 ebfb",
            MachineOptions.standard().withTime(dev.kmemu.emulator.time.TimeMode.INSTRUCTIONS))) {
      DebugTarget other = counted.machine.debugTarget();
      other.attach(counted);
      counted.set(Register.RDI, DATA + 8);
      other.watchpoints().orElseThrow().insert(WRITES);
      for (int hit = 1; hit <= 3; hit++) {
        other.resume(ResumeKind.CONTINUE);
        assertThat(counted.nextStop()).isEqualTo(watched(WRITES, DATA + 8));
        assertThat(counted.load(DATA + 8)).isEqualTo(hit);
      }
      other.watchpoints().orElseThrow().remove(WRITES);
      other.resume(ResumeKind.CONTINUE);
      other.interrupt();
      assertThat(counted.nextStop()).isEqualTo(new StopReason.Interrupted());
    }
  }
}

package dev.kmemu.emulator.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.device.PortDevice;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.snapshot.SnapshotException;
import dev.kmemu.emulator.snapshot.Snapshotable;
import dev.kmemu.emulator.snapshot.StateReader;
import dev.kmemu.emulator.snapshot.StateWriter;
import dev.kmemu.emulator.time.TimeMode;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MachineSnapshotTest {

  /** inc qword [0x200000]; mov rax, [0x200000]; out 0xF4, al */
  private static final String COUNT_AND_EXIT =
      "48 ff 04 25 00 00 20 00 48 8b 04 25 00 00 20 00 e6 f4 f4";

  private final GuestProgram guest = new GuestProgram(COUNT_AND_EXIT);

  @AfterEach
  void close() {
    guest.close();
  }

  private int runToExit() {
    guest.machine.resume();
    return ((GuestOutcome.Exited) guest.machine.outcome().join()).value();
  }

  @Test
  void aGuestThatHasEndedLivesAgainAndTellsItsNewEnd() {
    guest.store(GuestProgram.DATA, 4);
    try (MachineSnapshot snapshot = guest.machine.snapshot()) {
      for (int round = 0; round < 3; round++) {
        assertThat(runToExit()).isEqualTo(5);
        assertThat(guest.load(GuestProgram.DATA)).isEqualTo(5);
        guest.machine.restore(snapshot);
        assertThat(guest.machine.outcome()).isNotDone();
        assertThat(guest.load(GuestProgram.DATA)).isEqualTo(4);
        assertThat(guest.get(Register.RIP)).isEqualTo(GuestProgram.CODE);
        assertThat(guest.machine.debugTarget().stopReason())
            .isEqualTo(new StopReason.Interrupted());
      }
    }
  }

  @Test
  void theSameRunTwiceEndsInTheSameHashAndAnotherStateHasAnother() {
    try (MachineSnapshot snapshot = guest.machine.snapshot()) {
      String before = guest.machine.stateHash();
      runToExit();
      String after = guest.machine.stateHash();
      assertThat(after).isNotEqualTo(before).matches("[0-9a-f]{64}");
      guest.machine.restore(snapshot);
      assertThat(guest.machine.stateHash()).isEqualTo(before);
      runToExit();
      assertThat(guest.machine.stateHash()).isEqualTo(after);
    }
  }

  @Test
  void everyPartOfTheStateChangesTheHash() {
    String before = guest.machine.stateHash();
    guest.store(0x70_0000, 1);
    String withRam = guest.machine.stateHash();
    guest.store(0x70_0000, 0);
    assertThat(guest.machine.stateHash()).isEqualTo(before).isNotEqualTo(withRam);
    guest.set(Register.R15, 9);
    assertThat(guest.machine.stateHash()).isNotEqualTo(before);
    guest.set(Register.R15, 0);
    assertThat(guest.machine.stateHash()).isEqualTo(before);
    guest.machine.ports().write(0xF4, 1, 3);
    assertThat(guest.machine.stateHash()).isNotEqualTo(before);
  }

  @Test
  void aRunningMachineIsCapturedAndRestoredBetweenTwoInstructions() {
    guest.code(GuestProgram.CODE, "48 ff c0 eb fb"); // inc rax; jmp back
    guest.machine.resume();
    try (MachineSnapshot snapshot = guest.machine.snapshot()) {
      guest.machine.restore(snapshot);
      assertThat(guest.machine.debugTarget().stopReason()).isNull();
      guest.machine.pause();
      guest.machine.restore(snapshot);
      long rax = guest.get(Register.RAX);
      guest.machine.restore(snapshot);
      assertThat(guest.get(Register.RAX)).isEqualTo(rax);
      assertThat(guest.machine.debugTarget().stopReason()).isNotNull();
    }
  }

  @Test
  void guestTimeGoesBackWhereItIsTheGuestsOwnAndCountsInTheHash() {
    MachineOptions options = MachineOptions.standard().withTime(TimeMode.INSTRUCTIONS);
    // mov ecx, 1000; again: loop again; rdtsc; mov [0x200000], eax; hlt
    String code = "b9 e8 03 00 00 e2 fe 0f 31 89 04 25 00 00 20 00 f4";
    try (GuestProgram timed = new GuestProgram(code, options);
        MachineSnapshot snapshot = timed.machine.snapshot()) {
      String before = timed.machine.stateHash();
      timed.machine.resume();
      timed.machine.outcome().join();
      String after = timed.machine.stateHash();
      long time = timed.load(GuestProgram.DATA);
      long nanos = timed.machine.clock().nanos();
      assertThat(time).isPositive();
      for (int round = 0; round < 2; round++) {
        timed.machine.restore(snapshot);
        assertThat(timed.machine.clock().nanos()).isZero();
        assertThat(timed.machine.stateHash()).isEqualTo(before);
        timed.machine.resume();
        timed.machine.outcome().join();
        assertThat(timed.load(GuestProgram.DATA)).isEqualTo(time);
        assertThat(timed.machine.clock().nanos()).isEqualTo(nanos);
        assertThat(timed.machine.stateHash()).isEqualTo(after);
      }
    }
  }

  @Test
  void msrsThatOnlyTheModelHasComeBack() {
    // mov ecx, 0x2ff; mov eax, 0xc06; xor edx, edx; wrmsr; hlt
    guest.code(GuestProgram.CODE, "b9 ff 02 00 00 b8 06 0c 00 00 31 d2 0f 30 f4");
    try (MachineSnapshot snapshot = guest.machine.snapshot()) {
      String before = guest.machine.stateHash();
      guest.machine.resume();
      guest.machine.outcome().join();
      guest.machine.restore(snapshot);
      assertThat(guest.machine.stateHash()).isEqualTo(before);
      // mov ecx, 0x2ff; rdmsr; hlt
      guest.code(GuestProgram.CODE + 0x100, "b9 ff 02 00 00 0f 32 f4");
      guest.set(Register.RIP, GuestProgram.CODE + 0x100);
      guest.set(Register.RAX, -1);
      guest.machine.resume();
      guest.machine.outcome().join();
      assertThat(guest.get(Register.RAX)).isZero();
    }
  }

  @Test
  void aSnapshotOfAnotherMachineOrAClosedOneIsRefused() {
    try (GuestProgram other = new GuestProgram("f4");
        MachineSnapshot foreign = other.machine.snapshot()) {
      String before = guest.machine.stateHash();
      assertThatThrownBy(() -> guest.machine.restore(foreign))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("another machine");
      MachineSnapshot closed = guest.machine.snapshot();
      closed.close();
      closed.close();
      assertThatThrownBy(() -> guest.machine.restore(closed))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
      assertThat(guest.machine.stateHash()).isEqualTo(before);
      guest.store(GuestProgram.DATA, 8);
      assertThat(runToExit()).isEqualTo(9);
    }
  }

  @Test
  void aDeviceCannotTakeASnapshotWithinAnInstruction() {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    guest
        .machine
        .ports()
        .attach(
            0x80,
            1,
            new PortDevice() {
              @Override
              public boolean write(int port, int size, int value) {
                try {
                  guest.machine.snapshot();
                } catch (IllegalStateException e) {
                  thrown.set(e);
                }
                return true;
              }
            });
    guest.code(GuestProgram.CODE, "e6 80 f4");
    guest.machine.resume();
    assertThat(guest.machine.outcome().join()).isInstanceOf(GuestOutcome.Halted.class);
    assertThat(thrown.get()).hasMessageContaining("within an instruction");
  }

  /** A part that can be told to refuse. */
  private static final class Part implements Snapshotable {
    int value;
    boolean busy;

    @Override
    public String snapshotName() {
      return "test.part";
    }

    @Override
    public int snapshotVersion() {
      return 1;
    }

    @Override
    public Captured capture() {
      int captured = value;
      return new Captured() {
        @Override
        public void requireRestorable() {
          if (busy) {
            throw new SnapshotException("somebody waits");
          }
        }

        @Override
        public void restore() {
          value = captured;
        }

        @Override
        public void write(StateWriter out) {
          out.int32(captured);
        }
      };
    }

    @Override
    public Captured read(int version, StateReader in) {
      in.int32();
      return capture();
    }
  }

  @Test
  void aPartThatCannotBeRestoredAtTheMomentLeavesEverythingAsItIs() {
    Part part = new Part();
    guest.machine.addSnapshotPart(part);
    part.value = 1;
    try (MachineSnapshot snapshot = guest.machine.snapshot()) {
      part.value = 2;
      guest.machine.ram().store64(new PhysicalAddress(0x70_0000), 5);
      part.busy = true;
      assertThatThrownBy(() -> guest.machine.restore(snapshot))
          .isInstanceOf(SnapshotException.class)
          .hasMessage("somebody waits");
      assertThat(guest.load(0x70_0000)).isEqualTo(5);
      part.busy = false;
      guest.machine.restore(snapshot);
      assertThat(part.value).isEqualTo(1);
      assertThat(guest.load(0x70_0000)).isZero();
    }
  }

  @Test
  void twoPartsOfOneNameAreRefused() {
    guest.machine.addSnapshotPart(new Part());
    assertThatThrownBy(() -> guest.machine.addSnapshotPart(new Part()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("test.part");
  }
}

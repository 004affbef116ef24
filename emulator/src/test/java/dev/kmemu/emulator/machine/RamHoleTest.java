package dev.kmemu.emulator.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.MemoryTransfer;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.RamLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A machine of 16 MiB whose second half begins at 16 MiB. */
@Timeout(60)
class RamHoleTest {

  private static final long MIB = 1 << 20;
  private static final long CODE_THERE = 20 * MIB;
  private static final MachineOptions OPTIONS =
      MachineOptions.standard().withLayout(new RamLayout(8 * MIB, 16 * MIB));

  /** RSI points into the hole, RDI behind it, where 5 is stored. */
  private static GuestProgram guest() {
    // mov [rsi], rdx; mov rax, [rsi]; mov [rdi], rdx; mov rbx, [rdi]; hlt
    GuestProgram guest = new GuestProgram("488916 488b06 488917 488b1f f4", OPTIONS);
    for (long page = 2; page < 13; page++) {
      guest.store(0x3000 + 8 * page, page << 21 | 0x83);
    }
    guest.set(Register.RSI, 16 * MIB - 8);
    guest.set(Register.RDI, 24 * MIB - 8);
    guest.set(Register.RDX, 5);
    return guest;
  }

  private static void run(GuestProgram guest) {
    guest.machine.resume();
    assertThat(guest.machine.outcome().join()).isEqualTo(new GuestOutcome.Halted());
  }

  @Test
  void theHoleReadsAsAllOnesAndRamGoesOnBehindIt() {
    try (GuestProgram guest = guest()) {
      run(guest);
      assertThat(guest.get(Register.RAX)).isEqualTo(-1L);
      assertThat(guest.get(Register.RBX)).isEqualTo(5);
      assertThat(guest.load(24 * MIB - 8)).isEqualTo(5);
      assertThat(guest.machine.ram().size()).isEqualTo(16 * MIB);
    }
  }

  @Test
  void snapshotsAndTheHashHoldWhatIsBehindTheHole(@TempDir Path directory) {
    try (GuestProgram guest = guest();
        MachineSnapshot before = guest.machine.snapshot()) {
      String fresh = guest.machine.stateHash();
      guest.store(20 * MIB, 7);
      assertThat(guest.machine.stateHash()).isNotEqualTo(fresh);
      Path file = directory.resolve("snapshot");
      guest.machine.save(file);
      guest.machine.restore(before);
      assertThat(guest.load(20 * MIB)).isZero();
      assertThat(guest.machine.stateHash()).isEqualTo(fresh);
      try (MachineSnapshot saved = guest.machine.read(file)) {
        guest.machine.restore(saved);
        assertThat(guest.load(20 * MIB)).isEqualTo(7);
      }
    }
  }

  @Test
  void codeBehindTheHoleIsThatOfTheSnapshot() {
    try (GuestProgram guest = guest()) {
      guest.store(CODE_THERE, 0xC3_0000_0001_B8L); // mov eax, 1; ret
      guest.set(Register.RDI, CODE_THERE);
      guest.store(GuestProgram.CODE, 0xF4_D7FFL); // call rdi; hlt
      try (MachineSnapshot before = guest.machine.snapshot()) {
        guest.store(CODE_THERE, 0xC3_0000_0002_B8L);
        run(guest);
        assertThat(guest.get(Register.RAX)).isEqualTo(2);
        guest.machine.restore(before);
        run(guest);
        assertThat(guest.get(Register.RAX)).isEqualTo(1);
      }
    }
  }

  @Test
  void aDebuggerReadsUpToTheHoleAndFromItsEnd() {
    try (GuestProgram guest = guest()) {
      byte[] bytes = new byte[16];
      var physical = guest.machine.debugTarget().physicalMemory().orElseThrow();
      assertThat(physical.read(new PhysicalAddress(8 * MIB - 4), bytes, 0, 16).length())
          .isEqualTo(4);
      assertThat(physical.read(new PhysicalAddress(16 * MIB - 4), bytes, 0, 16))
          .isEqualTo(
              new MemoryTransfer.Partial(
                  0, "0xfffffc isn't RAM, which is [0x0, 0x800000) and [0x1000000, 0x1800000)"));
      assertThat(physical.read(new PhysicalAddress(16 * MIB), bytes, 0, 16).length()).isEqualTo(16);
    }
  }

  @Test
  void aRangeOfTheLinearSpaceEndsAtTheHole() {
    try (GuestProgram guest = guest()) {
      var target = guest.machine.debugTarget();
      var below = target.rangeAt(GuestProgram.va(7 * MIB)).orElseThrow();
      var hole = target.rangeAt(GuestProgram.va(9 * MIB)).orElseThrow();
      var above = target.rangeAt(GuestProgram.va(17 * MIB)).orElseThrow();
      assertThat(below.mapped()).isTrue();
      assertThat(below.last().value()).isEqualTo(8 * MIB - 1);
      assertThat(hole.mapped()).isFalse();
      assertThat(hole.start().value()).isEqualTo(8 * MIB);
      assertThat(hole.last().value()).isEqualTo(16 * MIB - 1);
      assertThat(above.mapped()).isTrue();
      assertThat(above.last().value()).isEqualTo(24 * MIB - 1);
    }
  }
}

package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.GuestProgram.CODE;
import static dev.kmemu.emulator.machine.GuestProgram.DATA;
import static dev.kmemu.emulator.machine.GuestProgram.UNMAPPED;
import static dev.kmemu.emulator.machine.GuestProgram.va;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.MemoryRange;
import dev.kmemu.emulator.debug.MemoryTransfer;
import dev.kmemu.emulator.debug.PhysicalAccess;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.memory.PhysicalAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DebugMemoryTest {

  private static final long RAM = 16 << 20;
  private static final long PAGE_TABLE = 0x8000;
  private static final long NO_EXECUTE = 1L << 63;

  private final GuestProgram guest = new GuestProgram("b801000000 f4"); // mov eax, 1; hlt
  private final DebugTarget target = guest.machine.debugTarget();
  private final PhysicalAccess physical = target.physicalMemory().orElseThrow();
  private final byte[] bytes = new byte[16];

  @BeforeEach
  void attach() {
    target.attach(guest);
  }

  @AfterEach
  void close() {
    guest.close();
  }

  private MemoryRange range(long address) {
    return target.rangeAt(va(address)).orElseThrow();
  }

  private static MemoryRange mapped(long start, long last, boolean writable, boolean executable) {
    return new MemoryRange(va(start), va(last), true, writable, executable);
  }

  private static MemoryRange hole(long start, long last) {
    return new MemoryRange(va(start), va(last), false, false, false);
  }

  @Test
  void physicalMemoryIsReadAndWrittenWhereverItIsMapped() {
    guest.store(UNMAPPED, 0x1122334455667788L);
    assertThat(physical.read(new PhysicalAddress(UNMAPPED), bytes, 4, 8))
        .isEqualTo(new MemoryTransfer.Complete(8));
    assertThat(bytes[4]).isEqualTo((byte) 0x88);
    bytes[0] = 5;
    physical.write(new PhysicalAddress(UNMAPPED), bytes, 0, 1);
    assertThat(guest.load(UNMAPPED)).isEqualTo(0x1122334455667705L);
    assertThat(target.ramBytes()).isEqualTo(RAM);
  }

  @Test
  void physicalMemoryEndsWithRam() {
    assertThat(physical.read(new PhysicalAddress(RAM - 4), bytes, 0, 8))
        .isInstanceOfSatisfying(
            MemoryTransfer.Partial.class,
            partial -> {
              assertThat(partial.length()).isEqualTo(4);
              assertThat(partial.reason()).startsWith("0x1000000 isn't RAM");
            });
    assertThat(physical.write(new PhysicalAddress(-8), bytes, 0, 8).length()).isZero();
    assertThat(physical.read(new PhysicalAddress(1L << 40), bytes, 0, 8).length()).isZero();
  }

  @Test
  void codeWrittenByPhysicalAddressIsWhatRuns() {
    target.resume(ResumeKind.CONTINUE);
    guest.nextStop();
    physical.write(new PhysicalAddress(CODE + 1), new byte[] {2}, 0, 1);
    guest.set(Register.RIP, CODE);
    target.resume(ResumeKind.CONTINUE);
    assertThat(guest.nextStop()).isEqualTo(new StopReason.Halted());
    assertThat(guest.get(Register.RAX)).isEqualTo(2);
  }

  @Test
  void physicalMemoryOfARunningCpuIsRefused() {
    guest.code(CODE, "ebfe");
    target.resume(ResumeKind.CONTINUE);
    assertThatThrownBy(() -> physical.read(new PhysicalAddress(0), bytes, 0, 1))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> physical.write(new PhysicalAddress(0), bytes, 0, 1))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> range(0)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aRangeReachesAsFarAsThePagesAreAlike() {
    assertThat(range(0x1234)).isEqualTo(mapped(0, UNMAPPED - 1, true, true));
    assertThat(range(UNMAPPED - 1)).isEqualTo(mapped(0, UNMAPPED - 1, true, true));
    assertThat(range(UNMAPPED).start()).isEqualTo(va(UNMAPPED));
    assertThat(range(UNMAPPED).mapped()).isFalse();
  }

  @Test
  void protectionSplitsRanges() {
    guest.store(0x3010, PAGE_TABLE | 3);
    for (int i = 0; i < 512; i++) {
      guest.store(PAGE_TABLE + 8L * i, DATA | 3);
    }
    guest.store(PAGE_TABLE + 8, DATA | 1);
    guest.store(PAGE_TABLE + 16, DATA | 3 | NO_EXECUTE);
    guest.store(PAGE_TABLE + 24, 0);
    assertThat(range(UNMAPPED)).isEqualTo(mapped(0, UNMAPPED + 0xFFF, true, true));
    assertThat(range(UNMAPPED + 0x1800))
        .isEqualTo(mapped(UNMAPPED + 0x1000, UNMAPPED + 0x1FFF, false, true));
    assertThat(range(UNMAPPED + 0x2800))
        .isEqualTo(mapped(UNMAPPED + 0x2000, UNMAPPED + 0x2FFF, true, false));
    assertThat(range(UNMAPPED + 0x3800)).isEqualTo(hole(UNMAPPED + 0x3000, UNMAPPED + 0x3FFF));
    assertThat(range(UNMAPPED + 0x5000))
        .isEqualTo(mapped(UNMAPPED + 0x4000, UNMAPPED + 0x1F_FFFF, true, true));
  }

  @Test
  void rangesCoverTheWholeSpaceInFewCalls() {
    long at = 0;
    int calls = 0;
    MemoryRange range;
    do {
      range = range(at);
      assertThat(range.start()).isEqualTo(va(at));
      at = range.last().value() + 1;
      calls++;
    } while (range.last().value() != -1L);
    assertThat(calls).isLessThan(8);
  }

  @Test
  void whatIsNotRamIsNoMemory() {
    guest.store(0x3010, RAM | 0x83);
    assertThat(range(UNMAPPED).mapped()).isFalse();
  }

  @Test
  void withoutPagingThereIsRamAndNothing() {
    guest.machine.onCpu(
        cpu -> {
          cpu.reset();
          return cpu;
        });
    assertThat(range(0x1234)).isEqualTo(mapped(0, RAM - 1, true, true));
    assertThat(range(RAM)).isEqualTo(hole(RAM, -1L));
  }
}

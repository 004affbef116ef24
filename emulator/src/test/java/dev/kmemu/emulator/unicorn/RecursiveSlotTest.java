package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Page tables that are seen through a PML4E that points to its own table: the window on a page
 * table is a translation like any other, with its own stale entries; Intel SDM vol. 3A, 4.10.
 */
class RecursiveSlotTest {

  private static final long SLOT = 510;
  private static final long PML4 = 0x1000;
  private static final long OTHER_TABLE = 0x6000;
  private static final long ACCESSED = 0x20;
  private static final long DIRTY = 0x40;

  private final RemapMachine guest = new RemapMachine();
  private final TestMachine machine = guest.machine;

  RecursiveSlotTest() {
    guest.fill(PML4 + 8 * SLOT, PML4 | 3);
  }

  @AfterEach
  void close() {
    guest.close();
  }

  /** Returns where the PTE of {@code va} is seen. */
  private static long pteOf(long va) {
    return (SLOT << 39 | (va << 16 >>> 28) << 3) << 16 >> 16;
  }

  /** Returns where the PDE of {@code va} is seen: as the PTE of the window on its page table. */
  private static long pdeOf(long va) {
    return pteOf(pteOf(va));
  }

  private long remapThroughTheSlot(String between) {
    machine.map(RemapMachine.PAGE, RemapMachine.OLD_FRAME);
    return guest.secondRead(between, pteOf(RemapMachine.PAGE), RemapMachine.NEW_FRAME | 3);
  }

  @Test
  void anEntryIsChangedThroughTheSlot() {
    assertThat(remapThroughTheSlot(RemapMachine.INVLPG)).isEqualTo(RemapMachine.NEW);
  }

  @Test
  void withoutAFlushTheOldTranslationIsUsed() {
    assertThat(remapThroughTheSlot(RemapMachine.NOTHING)).isEqualTo(RemapMachine.OLD);
  }

  @Test
  void theCpusMarksAreSeenThroughTheSlot() {
    machine.map(RemapMachine.PAGE, RemapMachine.OLD_FRAME);
    // mov r10, [rdi]; mov rax, [rsi]; mov r12, [rdi]; mov [rsi], rax; mov rbx, [rdi]; hlt
    machine.code("4c8b17 488b06 4c8b27 488906 488b1f f4");
    machine.cpu.registers().write(Register.RSI, RemapMachine.PAGE);
    machine.cpu.registers().write(Register.RDI, pteOf(RemapMachine.PAGE));
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    long marks = ACCESSED | DIRTY;
    assertThat(machine.register(Register.R10) & marks).isZero();
    assertThat(machine.register(Register.R12) & marks).isEqualTo(ACCESSED);
    assertThat(machine.register(Register.RBX) & marks).isEqualTo(marks);
  }

  /**
   * The PDE changes to another page table. Flushing the page makes the page new, but the window on
   * the page table shows the old table until it is flushed itself.
   */
  @Test
  void theWindowOnAReplacedTableIsStaleUntilItIsFlushedItself() {
    long oldEntry = RemapMachine.OLD_FRAME | 3;
    long newEntry = RemapMachine.NEW_FRAME | 3;
    machine.map(RemapMachine.PAGE, RemapMachine.OLD_FRAME);
    guest.fill(OTHER_TABLE, newEntry);
    // mov rax, [rsi]; mov r10, [rdi]; mov [r9], r11; invlpg [rsi]; mov rbx, [rsi];
    // mov r12, [rdi]; invlpg [rdi]; mov r13, [rdi]; hlt
    machine.code("488b06 4c8b17 4d8919 0f013e 488b1e 4c8b27 0f013f 4c8b2f f4");
    machine.cpu.registers().write(Register.RSI, RemapMachine.PAGE);
    machine.cpu.registers().write(Register.RDI, pteOf(RemapMachine.PAGE));
    machine.cpu.registers().write(Register.R9, pdeOf(RemapMachine.PAGE));
    machine.cpu.registers().write(Register.R11, OTHER_TABLE | 3);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(machine.register(Register.RAX)).isEqualTo(RemapMachine.OLD);
    assertThat(machine.register(Register.RBX)).isEqualTo(RemapMachine.NEW);
    assertThat(machine.register(Register.R12) & ~(ACCESSED | DIRTY))
        .as("through the window before it is flushed")
        .isEqualTo(oldEntry);
    assertThat(machine.register(Register.R13) & ~(ACCESSED | DIRTY)).isEqualTo(newEntry);
  }
}

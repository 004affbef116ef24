package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.PhysicalAddress;

/**
 * A guest that reads a page, changes the page's entry itself, does something or nothing, and reads
 * again: whether it sees the old frame or the new one tells what the TLB still held.
 */
final class RemapMachine implements AutoCloseable {

  static final long OLD = 1;
  static final long NEW = 2;

  static final long PAGE = TestMachine.DATA;
  static final long NEIGHBOUR = PAGE + 0x1000;
  static final long OLD_FRAME = 0x30_0000;
  static final long NEW_FRAME = 0x30_1000;
  static final long GLOBAL = 0x100;

  static final String NOTHING = "";
  static final String INVLPG = "0f013e"; // invlpg [rsi]
  static final String WRITE_CR3 = "0f20d9 0f22d9"; // mov rcx, cr3; mov cr3, rcx
  static final String TOGGLE_PGE = "0f20e1 4881f180000000 0f22e1"; // cr4 ^= 0x80

  private static final long PAGE_TABLE = 0x5000;
  private static final long WINDOW = TestMachine.DATA + 0x10_0000;
  private static final long ENTRY_FLAGS = 3;

  final TestMachine machine = new TestMachine();

  RemapMachine() {
    fill(OLD_FRAME, OLD);
    fill(NEW_FRAME, NEW);
    machine.map(WINDOW, PAGE_TABLE);
  }

  void fill(long pa, long value) {
    machine.ram.store64(new PhysicalAddress(pa), value);
  }

  /** Sets CR4.PGE. */
  void enableGlobalPages() {
    machine.cpu.registers().write(Register.CR4, 0x6A0);
  }

  /**
   * Runs the guest.
   *
   * @param between its instructions between the change and the second read
   * @param flags more bits of both entries
   * @return what it read the second time
   */
  long secondRead(String between, long flags) {
    machine.map(PAGE, OLD_FRAME | flags);
    return secondRead(between, WINDOW, NEW_FRAME | flags | ENTRY_FLAGS);
  }

  /** The same with another entry, seen at {@code entry}, becoming {@code value}. */
  long secondRead(String between, long entry, long value) {
    // mov rax, [rsi]; mov [rdi], rdx; ...; mov rbx, [rsi]; hlt
    machine.code("488b06 488917" + between + "488b1e f4");
    machine.cpu.registers().write(Register.RSI, PAGE);
    machine.cpu.registers().write(Register.RDI, entry);
    machine.cpu.registers().write(Register.RDX, value);
    machine.cpu.registers().write(Register.R8, NEIGHBOUR);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(machine.register(Register.RAX)).as("before the change").isEqualTo(OLD);
    return machine.register(Register.RBX);
  }

  @Override
  public void close() {
    machine.close();
  }
}

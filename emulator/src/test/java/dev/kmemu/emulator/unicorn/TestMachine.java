package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.HexFormat;

/**
 * A CPU in long mode over 4 MiB of RAM: code at {@link #CODE} and stack below {@link #STACK} are
 * mapped one to one, {@link #DATA} has page tables but no page.
 */
final class TestMachine implements AutoCloseable {

  static final long CODE = 0x10_0000;
  static final long STACK = 0x12_0000;
  static final long DATA = 0x20_0000;

  private static final long PML4 = 0x1000;
  private static final long PRESENT_WRITABLE = 3;
  private static final long PAGE_TABLE = 0x4000;

  final PhysicalMemory ram = new PhysicalMemory(new AnonymousMapping(4 << 20));
  final CpuEngine cpu = UnicornLoader.load().createCpu(ram);

  TestMachine() {
    ram.store64(new PhysicalAddress(PML4), 0x2000 | PRESENT_WRITABLE);
    ram.store64(new PhysicalAddress(0x2000), 0x3000 | PRESENT_WRITABLE);
    ram.store64(new PhysicalAddress(0x3000), PAGE_TABLE | PRESENT_WRITABLE);
    ram.store64(new PhysicalAddress(0x3008), (PAGE_TABLE + 0x1000) | PRESENT_WRITABLE);
    for (long page = CODE; page < STACK; page += VirtualAddress.PAGE_SIZE) {
      map(page, page);
    }
    cpu.registers().write(Register.EFER, 0xD01);
    cpu.registers().write(Register.CR4, 0x620);
    cpu.registers().write(Register.CR3, PML4);
    cpu.registers().write(Register.CR0, 0x8005_0033L);
    cpu.registers().write(Register.RSP, STACK - 8);
    cpu.registers().write(Register.RIP, CODE);
  }

  /** Makes the page at {@code va}, below 4 MiB, present and writable. */
  void map(long va, long pa) {
    ram.store64(entry(va), pa | PRESENT_WRITABLE);
  }

  void unmap(long va) {
    ram.store64(entry(va), 0);
  }

  long entryOf(long va) {
    return ram.load64(entry(va));
  }

  void code(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    ram.write(new PhysicalAddress(CODE), bytes, 0, bytes.length);
  }

  long register(Register register) {
    return cpu.registers().read(register);
  }

  private static PhysicalAddress entry(long va) {
    return new PhysicalAddress(PAGE_TABLE + (va >>> 12) * Long.BYTES);
  }

  @Override
  public void close() {
    cpu.close();
    ram.close();
  }
}

package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PageWalker;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.vm.pmap.Pmap;

/**
 * INT3 at an address for the time of one fetch: whatever the page holds isn't executed. Planted
 * before the fetch, and again when the VM has brought a page in.
 */
final class PlantedBreakpoint {

  private static final byte INT3 = (byte) 0xCC;
  private static final long NOWHERE = -1;

  private final PhysicalMemory ram;
  private final CpuEngine cpu;
  private final VirtualAddress address;
  private final PageWalker walker;
  private final PagingMode mode;
  private final byte[] octet = new byte[1];
  private long planted = NOWHERE;
  private byte original;

  PlantedBreakpoint(PhysicalMemory ram, CpuEngine cpu, Pmap pmap, VirtualAddress address) {
    this.ram = ram;
    this.cpu = cpu;
    this.address = address;
    this.walker = new PageWalker(ram);
    RegisterFile registers = cpu.registers();
    mode =
        PagingMode.of(
            registers.read(Register.CR0),
            pmap.tables().pml4().value(),
            registers.read(Register.CR4),
            registers.read(Register.EFER),
            registers.read(Register.RFLAGS));
  }

  void plant() {
    long physical = walker.translate(mode, address.value());
    if (physical == planted) {
      return;
    }
    putBack();
    if (physical != NOWHERE && ram.contains(new PhysicalAddress(physical), 1)) {
      original = exchange(physical, INT3);
      planted = physical;
    }
  }

  void remove() {
    if (planted != NOWHERE) {
      putBack();
      cpu.invalidateCode(address, 1);
    }
  }

  private void putBack() {
    if (planted != NOWHERE) {
      byte unused = exchange(planted, original);
      planted = NOWHERE;
    }
  }

  private byte exchange(long physical, byte value) {
    PhysicalAddress place = new PhysicalAddress(physical);
    ram.read(place, octet, 0, 1);
    byte old = octet[0];
    octet[0] = value;
    ram.write(place, octet, 0, 1);
    return old;
  }
}

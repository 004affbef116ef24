package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PteBits;

/**
 * A top table that equals a pmap's, but also maps the testkit's code and stack for ring 3, so that
 * a test of a pmap finds nothing in its tables that it didn't put there. All tables below are the
 * pmap's own.
 */
final class ShadowRoot {

  private static final int SLOTS = 512;
  private static final long USER_BITS = PteBits.V | PteBits.RW | PteBits.U | PteBits.A | PteBits.M;

  private final PhysicalMemory ram;

  ShadowRoot(PhysicalMemory ram) {
    this.ram = ram;
    store(Reserved.DIRECTORY_POINTERS, Reserved.DIRECTORY | USER_BITS);
    store(Reserved.DIRECTORY, Reserved.TABLE | USER_BITS);
    for (int i = 0; i < Reserved.userPages(); i++) {
      long page = Reserved.STUBS + (long) i * VirtualAddress.PAGE_SIZE;
      store(Reserved.TABLE + (long) i * Long.BYTES, page | USER_BITS);
    }
  }

  /** Takes over what the top table of {@code pmap} says now. */
  void follow(Pmap pmap) {
    long root = pmap.tables().pml4().value();
    for (int slot = 0; slot < SLOTS; slot++) {
      if (slot != Reserved.USER_SLOT) {
        long offset = (long) slot * Long.BYTES;
        store(Reserved.ROOT + offset, ram.load64(root + offset));
      }
    }
    store(
        Reserved.ROOT + (long) Reserved.USER_SLOT * Long.BYTES,
        Reserved.DIRECTORY_POINTERS | USER_BITS);
  }

  /** Gives the pmap's own top table the Accessed bits that the CPU has set here. */
  void returnAccessed(Pmap pmap) {
    long root = pmap.tables().pml4().value();
    for (int slot = 0; slot < SLOTS; slot++) {
      long offset = (long) slot * Long.BYTES;
      long entry = ram.load64(root + offset);
      boolean marked = (ram.load64(Reserved.ROOT + offset) & PteBits.A) != 0;
      if (slot != Reserved.USER_SLOT && marked && (entry & (PteBits.V | PteBits.A)) == PteBits.V) {
        pmap.tables().update(root + offset, 0, PteBits.A);
      }
    }
  }

  private void store(long address, long value) {
    ram.store64(new PhysicalAddress(address), value);
  }
}

package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.pmap.KvaLayout;

/**
 * Physical memory below what the VM manages, which holds the testkit's own code, stacks and tables:
 * nothing of the VM's memory is used for it.
 */
final class Reserved {

  /** Where the VM's memory begins. */
  static final PhysicalAddress FIRST_FREE = new PhysicalAddress(2L << 20);

  static final long STUBS = 0x10_0000;
  static final long PROGRAM = 0x10_1000;
  static final int PROGRAM_BYTES = 64 << 10;
  static final long STACK_TOP = 0x11_6000;
  static final long ROOT = 0x12_0000;
  static final long DIRECTORY_POINTERS = 0x12_1000;
  static final long DIRECTORY = 0x12_2000;
  static final long TABLE = 0x12_3000;
  static final long GDT = 0x12_4000;

  /** A slot of the top table that the kernel leaves empty, for code and a stack of ring 3. */
  static final int USER_SLOT = 509;

  private static final long USER_BASE = 0xFFFF_FE80_0000_0000L;

  private Reserved() {}

  /** Returns where ring 0 sees {@code physical}. */
  static long kernelAddress(long physical) {
    return KvaLayout.KERNBASE + physical;
  }

  /** Returns where ring 3 sees {@code physical}, of the stubs, the program or the stack. */
  static long userAddress(long physical) {
    return USER_BASE + physical - STUBS;
  }

  /** Returns how many pages ring 3 sees. */
  static int userPages() {
    return (int) ((STACK_TOP - STUBS) / VirtualAddress.PAGE_SIZE);
  }
}

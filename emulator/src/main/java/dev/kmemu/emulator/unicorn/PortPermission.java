package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;
import dev.kmemu.emulator.mmu.LinearAccess;

/**
 * Whether a program may use a port: by its IOPL, or by the bitmap in the TSS (Intel SDM vol. 1,
 * 18.5). The library checks neither.
 */
final class PortPermission {

  private static final long CR0_PE = 1;
  private static final long RFLAGS_VM = 1L << 17;
  private static final int IOPL_SHIFT = 12;
  private static final int TSS_32_BIT = 8;
  private static final int MAP_BASE = 0x66;

  private final LinearAccess memory;
  private final UnicornState state;

  PortPermission(LinearAccess memory, UnicornState state) {
    this.memory = memory;
    this.state = state;
  }

  /** Whether the program that runs may access {@code size} bytes at {@code port}. */
  boolean allows(int port, int size) {
    if ((state.cr0() & CR0_PE) == 0) {
      return true;
    }
    long flags = state.rawRflags();
    boolean virtual8086 = (flags & RFLAGS_VM) != 0;
    int level = (int) (flags >>> IOPL_SHIFT) & 3;
    return (!virtual8086 && state.cpl() <= level) || mapAllows(port, size);
  }

  private boolean mapAllows(int port, int size) {
    int type = SegmentAttributes.type(state.attributes(SegmentRegister.TR));
    long limit = state.limit(SegmentRegister.TR) & 0xFFFF_FFFFL;
    long tss = state.base(SegmentRegister.TR);
    if ((type & TSS_32_BIT) == 0 || limit < MAP_BASE + 1) {
      return false;
    }
    memory.enter(state);
    if (!memory.read(tss + MAP_BASE, Short.BYTES, false)) {
      return false;
    }
    long at = memory.value() + port / Byte.SIZE;
    if (at + 1 > limit || !memory.read(tss + at, Short.BYTES, false)) {
      return false;
    }
    int wanted = ((1 << size) - 1) << (port % Byte.SIZE);
    return (memory.value() & wanted) == 0;
  }
}

package dev.kmemu.emulator.trap;

import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;
import dev.kmemu.emulator.mmu.LinearAccess;

/** Reads segment descriptors from the GDT and the LDT (Intel SDM vol. 3A, 3.4.5). */
final class DescriptorReader {

  /** What became of a read. */
  enum Result {
    /** The descriptor has been read. */
    FOUND,
    /** The selector is beyond the table. */
    BEYOND_LIMIT,
    /** A page fault; {@link LinearAccess} has it. */
    PAGE_FAULT
  }

  private static final int TABLE_INDICATOR = 4;
  private static final int DESCRIPTOR_BYTES = 8;
  private static final int TYPE_BYTE = 5;
  private static final int TYPE_SHIFT = 8;

  private final LinearAccess memory;
  private long address;
  private long descriptor;

  DescriptorReader(LinearAccess memory) {
    this.memory = memory;
  }

  Result read(CpuState cpu, int selector) {
    boolean local = (selector & TABLE_INDICATOR) != 0;
    long base = local ? cpu.base(SegmentRegister.LDTR) : cpu.gdtBase();
    long limit = (local ? cpu.limit(SegmentRegister.LDTR) : cpu.gdtLimit()) & 0xFFFF_FFFFL;
    if (local && (cpu.selector(SegmentRegister.LDTR) & ~3) == 0) {
      return Result.BEYOND_LIMIT;
    }
    int offset = selector & ~7;
    if (offset + DESCRIPTOR_BYTES - 1 > limit) {
      return Result.BEYOND_LIMIT;
    }
    address = base + offset;
    if (!memory.read(address, DESCRIPTOR_BYTES, false)) {
      return Result.PAGE_FAULT;
    }
    descriptor = memory.value();
    return Result.FOUND;
  }

  /** Returns the linear address of the last descriptor. */
  long address() {
    return address;
  }

  /** Sets A of the descriptor at {@code at}; false for a page fault. */
  boolean markAccessed(long at, int attributes) {
    int type = (attributes | SegmentAttributes.ACCESSED) >>> TYPE_SHIFT;
    return memory.write(at + TYPE_BYTE, 1, type & 0xFF, false);
  }

  /** Returns the {@link SegmentAttributes} of the last descriptor. */
  int attributes() {
    return SegmentAttributes.ofDescriptor((int) (descriptor >>> 32));
  }

  /** Returns the base of the last descriptor, 32 bits. */
  long base() {
    return ((descriptor >>> 16) & 0xFF_FFFF) | ((descriptor >>> 32) & 0xFF00_0000L);
  }

  /** Returns the limit of the last descriptor in bytes. */
  int limit() {
    int limit = (int) ((descriptor & 0xFFFF) | ((descriptor >>> 32) & 0xF_0000));
    return (attributes() & SegmentAttributes.GRANULAR) == 0 ? limit : (limit << 12) | 0xFFF;
  }
}

package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;

/**
 * A loadable segment (PT_LOAD) of an ELF64 executable; System V ABI, chapter 5.
 *
 * @param physical {@code p_paddr}: where the loader puts it
 * @param virtual {@code p_vaddr}: where the program expects it
 * @param fileOffset {@code p_offset}: where its bytes begin in the file
 * @param fileSize {@code p_filesz}: bytes that come from the file
 * @param memorySize {@code p_memsz}: bytes in memory, those behind {@code fileSize} are zero
 * @param flags {@code p_flags}
 */
public record ElfSegment(
    PhysicalAddress physical,
    VirtualAddress virtual,
    long fileOffset,
    long fileSize,
    long memorySize,
    int flags) {

  private static final int PF_X = 1;
  private static final int PF_W = 2;
  private static final int PF_R = 4;

  /** Whether the program executes it. */
  public boolean isExecutable() {
    return (flags & PF_X) != 0;
  }

  /** Whether the program writes to it. */
  public boolean isWritable() {
    return (flags & PF_W) != 0;
  }

  /** Whether the program reads it. */
  public boolean isReadable() {
    return (flags & PF_R) != 0;
  }

  /** Returns the first physical address behind the segment. */
  public PhysicalAddress physicalEnd() {
    return physical.plus(memorySize);
  }

  /** Whether {@code address} is one of the addresses where the program expects this segment. */
  public boolean contains(VirtualAddress address) {
    return Long.compareUnsigned(address.minus(virtual), memorySize) < 0;
  }

  @Override
  public String toString() {
    return String.format(
        "[%s, %s) at %s %s%s%s",
        physical,
        physicalEnd(),
        virtual,
        isReadable() ? "r" : "-",
        isWritable() ? "w" : "-",
        isExecutable() ? "x" : "-");
  }
}

package dev.kmemu.emulator.mmu;

import dev.kmemu.emulator.memory.PhysicalAddress;

/**
 * An entry that a walk read.
 *
 * @param level where it was found
 * @param index its index in its table, 0 to 511, or to 1023 in 32-bit paging
 * @param address its physical address
 * @param value its 64 bits, or 32 in 32-bit paging
 */
public record LevelEntry(PageTableLevel level, int index, PhysicalAddress address, long value) {}

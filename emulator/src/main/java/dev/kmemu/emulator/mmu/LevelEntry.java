package dev.kmemu.emulator.mmu;

import dev.kmemu.emulator.memory.PhysicalAddress;

/**
 * An entry that a walk read.
 *
 * @param level where it was found
 * @param index its index in its table, 0 to 511
 * @param address its physical address
 * @param value its 64 bits
 */
public record LevelEntry(PageTableLevel level, int index, PhysicalAddress address, long value) {}

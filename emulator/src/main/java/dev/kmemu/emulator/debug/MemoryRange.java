package dev.kmemu.emulator.debug;

import dev.kmemu.emulator.memory.VirtualAddress;

/**
 * Linear addresses that are all alike for the current page tables.
 *
 * @param start the first
 * @param last the last, inclusive, so that a range can reach the end of the space
 * @param mapped whether there is memory
 * @param writable whether R/W is set on all levels
 * @param executable whether XD is clear on all levels
 */
public record MemoryRange(
    VirtualAddress start,
    VirtualAddress last,
    boolean mapped,
    boolean writable,
    boolean executable) {}

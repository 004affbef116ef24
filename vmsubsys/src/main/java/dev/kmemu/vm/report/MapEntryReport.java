package dev.kmemu.vm.report;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.map.MapType;

/**
 * An entry of a map.
 *
 * @param end exclusive
 * @param object the object's or the submap's name, "-" for none
 * @param offset in bytes into the object
 * @param eflags bits of {@link dev.kmemu.vm.map.EntryFlags}
 */
public record MapEntryReport(
    VirtualAddress start,
    VirtualAddress end,
    MapType type,
    String object,
    long offset,
    int wiredCount,
    int eflags) {}

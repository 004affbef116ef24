package dev.kmemu.campaign.report.kva;

import dev.kmemu.emulator.memory.VirtualAddress;

/**
 * Addresses that are alike.
 *
 * @param start the first
 * @param bytes how many; an area may reach to the end of the address space
 * @param kind what they are
 * @param what the object or the submap, "-" for none
 * @param wiredCount of an entry of a map, 0 for mappings
 */
public record KvaArea(
    VirtualAddress start, long bytes, AreaKind kind, String what, int wiredCount) {

  /** Returns the last address of it. */
  public VirtualAddress last() {
    return start.plus(bytes - 1);
  }
}

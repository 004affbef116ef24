package dev.kmemu.campaign.report.kva;

import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.List;

/**
 * A part of an address space.
 *
 * @param name whose it is
 * @param start the first address
 * @param bytes how many
 * @param lanes what fills it, seen in different ways
 */
public record AddressPicture(String name, VirtualAddress start, long bytes, List<KvaLane> lanes) {

  /** Copies the lanes. */
  public AddressPicture {
    lanes = List.copyOf(lanes);
  }
}

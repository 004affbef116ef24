package dev.kmemu.campaign.report.kva;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PageTableLevel;
import java.util.BitSet;

/**
 * A page of page tables.
 *
 * @param space the address space that it belongs to
 * @param level its level
 * @param base the first address that it translates
 * @param at where it lies
 * @param present which of its 512 entries are present
 */
public record TablePage(
    String space, PageTableLevel level, VirtualAddress base, PhysicalAddress at, BitSet present) {

  /** Copies the entries. */
  public TablePage {
    present = (BitSet) present.clone();
  }

  @Override
  public BitSet present() {
    return (BitSet) present.clone();
  }

  /** Returns how many entries are present. */
  public int used() {
    return present.cardinality();
  }
}

package dev.kmemu.vm.pmap;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.page.PageState;

/**
 * What a {@link PmapModule} is built from.
 *
 * @param ram guest RAM, in which page tables lie
 * @param kernelTables the tables that boot made, and a view of their entries
 * @param pages all pages of the VM
 * @param allocator allocates and frees pages
 * @param state wires, holds and zeroes pages
 * @param tlb the TLB of the CPU
 * @param pmaps all physical maps
 * @param growth the pages of kernel page tables made since boot, and how far they reach
 * @param cleanMap where nobody asks for M
 * @param sleepQueue where a routine sleeps that may; it gives {@code vm_token} up meanwhile
 */
public record PmapContext(
    PhysicalMemory ram,
    PageTables kernelTables,
    PageArray pages,
    PageAllocator allocator,
    PageState state,
    TlbControl tlb,
    PmapList pmaps,
    KernelTablePages growth,
    CleanMap cleanMap,
    SleepQueue sleepQueue) {

  /** Returns the same with another TLB, for a module that watches or withholds flushes. */
  public PmapContext withTlb(TlbControl other) {
    return new PmapContext(
        ram, kernelTables, pages, allocator, state, other, pmaps, growth, cleanMap, sleepQueue);
  }
}

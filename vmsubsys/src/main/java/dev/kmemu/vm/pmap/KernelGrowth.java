package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.Token;
import dev.kmemu.vm.object.VmObject;

/** {@code pmap_growkernel} of the 2.8 era, and {@code kernel_vm_end}. */
public final class KernelGrowth {

  private final Token token;
  private final PmapModule module;
  private final KernelTablePages tables;

  KernelGrowth(Token vmToken, PmapModule module, KernelTablePages tables) {
    this.token = vmToken;
    this.module = module;
    this.tables = tables;
  }

  /**
   * {@code kernel_vm_end}: every address of [KvaStart, this) has a page table. Never falls; a
   * multiple of 2 MiB.
   */
  public long kernelVmEnd() {
    return tables.end();
  }

  /** Returns the object that holds the page tables made since boot. */
  public VmObject tableObject() {
    return tables.object();
  }

  /**
   * Makes page tables for [start, end). Below KERNBASE everything from {@code kernel_vm_end} on
   * gets them, and that mark moves; above, only the range itself.
   *
   * @throws KernelPanic when there is no page for a table
   */
  public void grow(long start, long end) {
    token.get();
    try {
      module.growKernel(start, end);
    } finally {
      token.release();
    }
  }

  /** Exchanges how far the tables have grown with a snapshot. */
  public void exchange(StateExchange state) {
    tables.exchange(state);
  }
}

package dev.kmemu.campaign.pmap;

import dev.kmemu.vm.pmap.PteBits;

/** A mapping as the model has it. */
final class ModelMapping {

  /** The number of the address space; {@link PmapModel#KERNEL} for the kernel's. */
  final int space;

  /** The number of its address, see {@link PmapAddresses}. */
  final int at;

  final ModelPage page;

  /** Whether {@code pmap_enter} made it, of a page that has PV entries. */
  final boolean managed;

  boolean writable;
  boolean wired;
  boolean accessed;
  boolean modified;

  ModelMapping(int space, int at, ModelPage page, boolean managed) {
    this.space = space;
    this.at = at;
    this.page = page;
    this.managed = managed;
  }

  boolean isUser() {
    return PmapAddresses.isUser(at);
  }

  /** Returns the page-table entry that it must have. */
  long entry() {
    return page.frame
        | PteBits.V
        | (writable ? PteBits.RW : 0)
        | (isUser() ? PteBits.U : 0)
        | (accessed ? PteBits.A : 0)
        | (modified ? PteBits.M : 0)
        | (wired ? PteBits.W : 0)
        | (managed ? PteBits.MANAGED : 0);
  }
}

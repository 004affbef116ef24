package dev.kmemu.vm.space;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.PteBits;

/**
 * Loads and stores words of user memory as a CPU does: by the page tables, where it leaves A and M
 * behind, or after a fault. An access is one step to all other threads, as the shootdown of
 * translations makes it on a CPU. Used by one thread.
 */
final class SoftCpu {

  private final KernelVm vm;
  private long word;
  private boolean faulted;

  SoftCpu(KernelVm vm) {
    this.vm = vm;
  }

  /** Loads the word at {@code va}; see {@link #word}. */
  KernReturn load(VmMap map, long va) {
    return access(map, va, false);
  }

  /** Stores {@code value} at {@code va}. */
  KernReturn store(VmMap map, long va, long value) {
    word = value;
    return access(map, va, true);
  }

  /** Looks at the word at {@code va} and leaves nothing behind; false where it isn't mapped. */
  boolean peek(VmMap map, long va) {
    vm.tokens().vm().get();
    try {
      long pte = map.pmap().tables().pte(va);
      if ((pte & (PteBits.V | PteBits.U)) != (PteBits.V | PteBits.U)) {
        return false;
      }
      word = vm.ram().load64(physical(pte, va));
      return true;
    } finally {
      vm.tokens().vm().release();
    }
  }

  /** Returns what the last load found. */
  long word() {
    return word;
  }

  /** Whether the last access raised a fault. */
  boolean faulted() {
    return faulted;
  }

  private KernReturn access(VmMap map, long va, boolean store) {
    int type = store ? VmProt.WRITE : VmProt.READ;
    int flags = store ? FaultFlags.BURST | FaultFlags.DIRTY : FaultFlags.BURST;
    faulted = false;
    while (!tryAccess(map.pmap().tables(), va, store)) {
      faulted = true;
      KernReturn result = vm.faults().fault(map, VmArith.truncPage(va), type, flags);
      if (result != KernReturn.SUCCESS) {
        return result;
      }
    }
    return KernReturn.SUCCESS;
  }

  private boolean tryAccess(PageTables tables, long va, boolean store) {
    long needed = PteBits.V | PteBits.U | (store ? PteBits.RW : 0);
    vm.tokens().vm().get();
    try {
      long pte = tables.pte(va);
      if ((pte & needed) != needed) {
        return false;
      }
      long address = PageTables.pteAddress(tables.pde(va), va);
      tables.update(address, 0, PteBits.A | (store ? PteBits.M : 0));
      PhysicalAddress at = physical(pte, va);
      if (store) {
        vm.ram().store64(at, word);
      } else {
        word = vm.ram().load64(at);
      }
      return true;
    } finally {
      vm.tokens().vm().release();
    }
  }

  private static PhysicalAddress physical(long pte, long va) {
    return new PhysicalAddress((pte & PteBits.FRAME) | (va & VmArith.PAGE_MASK));
  }
}

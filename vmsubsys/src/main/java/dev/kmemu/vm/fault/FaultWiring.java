package dev.kmemu.vm.fault;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.Token;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.EntryWiring;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.Pmap;

/** {@code vm_fault_wire} and {@code vm_fault_unwire}. */
public final class FaultWiring implements EntryWiring {

  private final Token token;
  private final VmFault faults;
  private final PageArray pages;
  private final PageState state;

  /** Creates the routines. */
  public FaultWiring(Token vmToken, VmFault faults, PageArray pages, PageState state) {
    this.token = vmToken;
    this.faults = faults;
    this.pages = pages;
    this.state = state;
  }

  @Override
  public KernReturn wire(VmMap map, VmMapEntry entry, boolean userWire) {
    long start = firstWired(entry);
    long end = entry.end();
    int type = userWire ? VmProt.READ : VmProt.READ | VmProt.WRITE;
    int flags = userWire ? FaultFlags.USER_WIRE : FaultFlags.CHANGE_WIRING;
    token.get();
    try {
      map.unlock();
      try {
        for (long va = start; VmArith.below(va, end); va += VmArith.PAGE_SIZE) {
          KernReturn result = faults.fault(map, va, type, flags);
          if (result != KernReturn.SUCCESS) {
            unwire(map.pmap(), entry, start, va);
            return result;
          }
        }
        return KernReturn.SUCCESS;
      } finally {
        map.lock();
      }
    } finally {
      token.release();
    }
  }

  @Override
  public void unwire(VmMap map, VmMapEntry entry) {
    unwire(map.pmap(), entry, firstWired(entry), entry.end());
  }

  /** Nothing is ever wired in the guard below a kernel stack. */
  private static long firstWired(VmMapEntry entry) {
    long start = entry.start();
    return entry.isGuard(start) ? start + VmArith.PAGE_SIZE : start;
  }

  /**
   * The page comes from the page table. Where nothing is mapped any more, as after the end of all
   * access to the range, it comes from the entry's objects: it would stay wired for ever. Memory
   * that isn't the VM's has no page to unwire.
   */
  private void unwire(Pmap pmap, VmMapEntry entry, long start, long end) {
    token.get();
    try {
      for (long va = start; VmArith.below(va, end); va += VmArith.PAGE_SIZE) {
        long pa = pmap.extract(va);
        VmPage page;
        if (pa != 0) {
          pmap.changeWiring(va, false);
          page = pages.find(pa);
        } else {
          page = EntryPages.resident(entry, va, p -> p.wireCount() != 0);
        }
        if (page != null) {
          state.unwire(page, true);
        }
      }
    } finally {
      token.release();
    }
  }
}

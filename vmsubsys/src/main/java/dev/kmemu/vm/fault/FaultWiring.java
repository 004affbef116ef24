package dev.kmemu.vm.fault;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.Token;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.EntryWiring;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
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
    long start = entry.start();
    long end = entry.end();
    boolean fictitious = isFictitious(entry);
    int type = userWire ? VmProt.READ : VmProt.READ | VmProt.WRITE;
    int flags = userWire ? FaultFlags.USER_WIRE : FaultFlags.CHANGE_WIRING;
    token.get();
    try {
      map.unlock();
      try {
        for (long va = start; va != end; va += VmArith.PAGE_SIZE) {
          KernReturn result = faults.fault(map, va, type, flags);
          if (result != KernReturn.SUCCESS) {
            unwire(map.pmap(), start, va, fictitious);
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
    boolean fictitious = isFictitious(entry);
    token.get();
    try {
      for (long va = entry.start(); va != entry.end(); va += VmArith.PAGE_SIZE) {
        if (!unwire(map.pmap(), va, fictitious) && !fictitious && !map.isSystemMap()) {
          unwireUnmapped(entry, va);
        }
      }
    } finally {
      token.release();
    }
  }

  /** A user's pages that lost their mappings, by {@code mprotect} to nothing, are wired still. */
  private void unwireUnmapped(VmMapEntry entry, long va) {
    long pindex = VmArith.offToIdx(va - entry.start() + entry.offset());
    VmPage page = EntryPages.resident(entry.object(), pindex);
    if (page != null && page.wireCount() != 0) {
      state.unwire(page, true);
    }
  }

  /** Whether the entry maps a device, whose memory has no pages to unwire. */
  private static boolean isFictitious(VmMapEntry entry) {
    VmObject object = entry.object();
    return object != null && object.type() == ObjectType.DEVICE;
  }

  private void unwire(Pmap pmap, long start, long end, boolean fictitious) {
    token.get();
    try {
      for (long va = start; va != end; va += VmArith.PAGE_SIZE) {
        unwire(pmap, va, fictitious);
      }
    } finally {
      token.release();
    }
  }

  /** The page comes from the page table, not from the object; false when it isn't there. */
  private boolean unwire(Pmap pmap, long va, boolean fictitious) {
    long pa = pmap.extract(va);
    if (pa == 0) {
      return false;
    }
    pmap.changeWiring(va, false);
    if (!fictitious) {
      state.unwire(pages.at(pa), true);
    }
    return true;
  }
}

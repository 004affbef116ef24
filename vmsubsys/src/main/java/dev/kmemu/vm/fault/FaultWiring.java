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
    long guard = entry.isGuard(start) ? VmArith.PAGE_SIZE : 0;
    boolean fictitious = isFictitious(entry);
    int type = userWire ? VmProt.READ : VmProt.READ | VmProt.WRITE;
    int flags = userWire ? FaultFlags.USER_WIRE : FaultFlags.CHANGE_WIRING;
    token.get();
    try {
      map.unlock();
      try {
        for (long va = start + guard; VmArith.below(va, end); va += VmArith.PAGE_SIZE) {
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
    unwire(map.pmap(), entry.start(), entry.end(), isFictitious(entry));
  }

  /** Whether the entry maps a device, whose memory has no pages to unwire. */
  private static boolean isFictitious(VmMapEntry entry) {
    VmObject object = entry.object();
    return object != null && object.type() == ObjectType.DEVICE;
  }

  /** The page comes from the page table, not from the object: what isn't mapped is skipped. */
  private void unwire(Pmap pmap, long start, long end, boolean fictitious) {
    token.get();
    try {
      for (long va = start; VmArith.below(va, end); va += VmArith.PAGE_SIZE) {
        long pa = pmap.extract(va);
        if (pa != 0) {
          pmap.changeWiring(va, false);
          if (!fictitious) {
            state.unwire(pages.at(pa), true);
          }
        }
      }
    } finally {
      token.release();
    }
  }
}

package dev.kmemu.vm.report;

import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.map.VmSpace;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.VmPage;
import org.jspecify.annotations.Nullable;

/** What the VM thinks is at an address, beside what the page tables say. */
public final class AddressReport {

  private AddressReport() {}

  /**
   * Returns several lines, the last of which begins with {@code differs:} when the VM and the page
   * tables contradict each other.
   *
   * @param pml4 the physical address of the current top table, by which a user address is looked up
   * @param physical where the tables lead, negative for nowhere
   */
  public static String of(KernelVm vm, long pml4, long va, long physical) {
    VmMap map = map(vm, pml4, va);
    if (map == null) {
      return "VM: no map of it covers the address\n";
    }
    if (!map.tryLockRead()) {
      return "VM: " + map.name() + " is locked; 'waits' tells by whom\n";
    }
    try {
      return of(vm, map, va, physical);
    } finally {
      map.unlock();
    }
  }

  private static @Nullable VmMap map(KernelVm vm, long pml4, long va) {
    VmMap kernelMap = vm.kernelMap();
    if (!VmArith.below(va, kernelMap.min())) {
      return VmArith.below(va, kernelMap.max()) ? kernelMap : null;
    }
    return vm.spaces().live().stream()
        .filter(space -> space.pmap().tables().pml4().value() == pml4)
        .map(VmSpace::map)
        .filter(map -> VmArith.below(va, map.max()))
        .findFirst()
        .orElse(null);
  }

  private static String of(KernelVm vm, VmMap map, long va, long physical) {
    VmMapEntry entry = map.lookupEntry(va);
    if (entry == map.header() || !VmArith.below(va, entry.end())) {
      return "VM: no entry of "
          + map.name()
          + " holds the address\n"
          + (physical < 0 || map.isSystemMap() ? "" : "differs: the tables map it\n");
    }
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "VM: %s entry 0x%016x-0x%016x, %s, wired_count %d%n",
            map.name(), entry.start(), entry.end(), entry.maptype(), entry.wiredCount()));
    vm.tokens().vm().get();
    try {
      chain(text, entry, va, physical);
    } finally {
      vm.tokens().vm().release();
    }
    return text.toString();
  }

  /** Follows the shadow chain to the object that has the page. */
  private static void chain(StringBuilder text, VmMapEntry entry, long va, long physical) {
    long offset = entry.offset() + (VmArith.truncPage(va) - entry.start());
    VmPage page = null;
    for (VmObject object = entry.object(); object != null && page == null; ) {
      long pindex = VmArith.offToIdx(offset);
      page = object.residentPage(pindex);
      text.append(
          String.format(
              "    %s (%s), pindex 0x%x: %s%n",
              object.name(), object.type(), pindex, page == null ? "no page" : describe(page)));
      offset += object.backingObjectOffset();
      object = object.backingObject();
    }
    if (physical >= 0 && page != null && page.physAddr() != VmArith.truncPage(physical)) {
      text.append(
          String.format(
              "differs: the VM has the page at %s, the tables lead to 0x%x%n",
              page.address(), VmArith.truncPage(physical)));
    } else if (physical < 0 && entry.wiredCount() > 0) {
      text.append("differs: the entry is wired, the tables don't map the address\n");
    }
  }

  private static String describe(VmPage page) {
    return "page " + page.address() + ", wire_count " + page.wireCount();
  }
}

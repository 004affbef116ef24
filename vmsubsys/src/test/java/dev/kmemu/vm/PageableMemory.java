package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.kmem.KmemSubmap;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.PteBits;
import java.util.Objects;

/** Pageable memory of a test kernel, used as a CPU would: by faults, leaving A and M behind. */
final class PageableMemory {

  final KmemSubmap submap;
  private final TestKernel kernel;
  private final long base;

  PageableMemory(TestKernel kernel, int pages) {
    this.kernel = kernel;
    submap = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", pages * PAGE);
    base = kernel.vm.kmem().allocPageable(submap.map(), pages * PAGE).orThrow().value();
  }

  long va(int page) {
    return base + page * PAGE;
  }

  VmObject object() {
    return Objects.requireNonNull(submap.map().first().object(), "it comes with the first fault");
  }

  void write(int page, long value) {
    long pa = access(page, VmProt.WRITE, PteBits.RW, PteBits.A | PteBits.M);
    kernel.vm.ram().store64(new PhysicalAddress(pa), value);
  }

  long read(int page) {
    long pa = access(page, VmProt.READ, PteBits.V, PteBits.A);
    return kernel.vm.ram().load64(new PhysicalAddress(pa));
  }

  KernReturn fault(int page, int type) {
    return kernel.vm.faults().fault(kernel.map(), va(page), type, FaultFlags.NORMAL);
  }

  boolean isMapped(int page) {
    return kernel.vm.pmap().extract(va(page)) != 0;
  }

  VmPage page(int page) {
    return Objects.requireNonNull(object().residentPage(page), () -> page + " is resident");
  }

  /** Forgets that any page was used, as time does. */
  void forgetUse(int pages) {
    kernel.inVm(
        () -> {
          for (int i = 0; i < pages; i++) {
            VmPage page = object().residentPage(i);
            if (page != null) {
              kernel.vm.pmap().mappings().clearReference(page);
              page.clearFlag(PageFlags.REFERENCED);
            }
          }
        });
  }

  void clearPte(int page, long bits) {
    PageTables tables = kernel.vm.pmap().tables();
    long pde = tables.load(tables.pdeAddress(va(page)));
    tables.update(PageTables.pteAddress(pde, va(page)), bits, 0);
  }

  private long access(int page, int type, long needed, long left) {
    PageTables tables = kernel.vm.pmap().tables();
    if ((tables.pte(va(page)) & needed) != needed) {
      assertThat(fault(page, type)).as("fault on page %d", page).isEqualTo(KernReturn.SUCCESS);
    }
    long pde = tables.load(tables.pdeAddress(va(page)));
    long pte = tables.update(PageTables.pteAddress(pde, va(page)), 0, left);
    return pte & PteBits.FRAME;
  }
}

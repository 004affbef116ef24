package dev.kmemu.campaign.pmap;

import dev.kmemu.campaign.guest.AccessCpu;
import dev.kmemu.campaign.guest.GuestWindow;
import dev.kmemu.campaign.pmap.PmapVerb.Operands;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.KernelVmConfig;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A kernel VM of one script: its pages, its address spaces, and what it had at the start.
 *
 * <p>The last pages are special: two are unmanaged, two are fictitious.
 */
final class PmapKernel {

  private static final int UNMANAGED = Operands.PAGES - 4;
  private static final int FICTITIOUS = Operands.PAGES - 2;
  private static final long FICTITIOUS_AT = 1L << 20;
  private static final int FAULT_HISTORY = 16;

  private final KernelVm vm;
  private final AccessCpu cpu;
  private final CachedTranslations cached;
  private final PhysicalMemory ram;
  private final List<VmPage> pages = new ArrayList<>();
  private final @Nullable Pmap[] spaces = new @Nullable Pmap[Operands.SPACES];
  private final long freePages;
  private final long kernelWired;

  PmapKernel(PhysicalMemory ram, AccessCpu cpu, PmapProvider pmap) {
    this.ram = ram;
    this.cpu = cpu;
    // RAM holds what the last script left in it.
    KernelVmConfig config =
        new KernelVmConfig(new PhysicalAddress(GuestWindow.BYTES), false, FAULT_HISTORY);
    cached = new CachedTranslations(cpu.tlb());
    vm = new KernelVm(ram, cached, config.withPmap(pmap));
    cpu.window().open(vm.pml4().value());
    cpu.start(vm.pml4().value());
    vm.growth().grow(PmapAddresses.KERNEL_START, PmapAddresses.KERNEL_END);
    VmObject object = vm.objects().allocate("campaign pages", ObjectType.DEFAULT, Operands.PAGES);
    locked(
        () -> {
          for (int i = 0; i < FICTITIOUS; i++) {
            pages.add(allocate(object, i));
          }
          return pages;
        });
    for (int i = FICTITIOUS; i < Operands.PAGES; i++) {
      pages.add(VmPage.fictitious(new PhysicalAddress(FICTITIOUS_AT + i * VmArith.PAGE_SIZE)));
    }
    freePages = freePages();
    kernelWired = vm.pmap().statistics().wiredCount();
  }

  private VmPage allocate(VmObject object, int number) {
    VmPage page =
        Objects.requireNonNull(
            vm.allocator().grab(object, number, AllocRequest.NORMAL | AllocRequest.RETRY));
    page.setValid(true);
    if (number >= UNMANAGED) {
      vm.pageState().unmanage(page);
    } else {
      vm.pageState().activate(page);
    }
    vm.pageState().wakeup(page);
    return page;
  }

  static boolean isManaged(int page) {
    return page < UNMANAGED;
  }

  KernelVm vm() {
    return vm;
  }

  VmPage page(int number) {
    return pages.get(number);
  }

  Pmap kernelPmap() {
    return vm.pmap();
  }

  /** Returns a space's physical map, the kernel's for {@link PmapModel#KERNEL}. */
  Pmap pmap(int space) {
    return space == PmapModel.KERNEL ? vm.pmap() : Objects.requireNonNull(spaces[space]);
  }

  void pinit(int space) {
    Pmap pmap = vm.userPmaps().pinit();
    cpu.window().open(pmap.tables().pml4().value());
    spaces[space] = pmap;
  }

  /** Ends a space without mappings. */
  void release(int space) {
    Pmap pmap = pmap(space);
    spaces[space] = null;
    cpu.window().shut(pmap.tables().pml4().value());
    vm.userPmaps().release(pmap);
  }

  /** Returns what the CPU may have cached. */
  CachedTranslations cached() {
    return cached;
  }

  void switchTo(int space) {
    vm.currentPmap()
        .switchTo(
            pmap(space),
            cr3 -> {
              cached.clear();
              cpu.loadRoot(cr3);
            });
  }

  /** Does something under {@code vm_token}. */
  <T> T locked(Supplier<T> action) {
    vm.tokens().vm().get();
    try {
      return action.get();
    } finally {
      vm.tokens().vm().release();
    }
  }

  /** Returns the pages that are free now. */
  long freePages() {
    vm.tokens().vm().get();
    try {
      return vm.stats().get(VmCounter.FREE_COUNT);
    } finally {
      vm.tokens().vm().release();
    }
  }

  /** Returns the pages that were free when there was no space yet. */
  long freePagesAtStart() {
    return freePages;
  }

  /** Returns a map's wired mappings, of the kernel's those of the suite. */
  long wired(int space) {
    return pmap(space).statistics().wiredCount() - (space == PmapModel.KERNEL ? kernelWired : 0);
  }

  /** Reads the entry that maps an address, from the root on; 0 where there is none. */
  long entry(int space, long va) {
    long table = pmap(space).tables().pml4().value();
    for (int shift = 39; ; shift -= 9) {
      long entry = ram.load64(table + ((va >>> shift) & 511) * Long.BYTES);
      if (shift == VmArith.PAGE_SHIFT || (entry & 1) == 0) {
        return shift == VmArith.PAGE_SHIFT ? entry : 0;
      }
      table = entry & 0x000F_FFFF_FFFF_F000L;
    }
  }

  /** Unmaps all that a script may have mapped in user space. */
  void removeAll(int space) {
    pmap(space).remove(0, KvaLayout.USER_END);
  }
}

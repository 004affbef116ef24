package dev.kmemu.vm.pmap;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.Token;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.page.PageState;

/**
 * The physical maps of one kernel: its {@link PmapModule}, made by a {@link PmapProvider}, and the
 * views of it that the rest of the VM has, which take the token where the routines want it held.
 */
public final class KernelPmap {

  private static final long KPTOBJ_PAGES = 5;

  private final Token token;
  private final PvZone zone = new PvZone();
  private final PmapList pmaps = new PmapList();
  private final PmapMappings mappings;
  private final PmapModule module;
  private final Pmap kernel;
  private final CurrentPmap current;
  private final LivePmaps user;
  private final KernelEnter kernelEnter;
  private final KernelGrowth growth;

  /** What a kernel has before its pmap. */
  public record Kernel(
      Token vmToken,
      PhysicalMemory ram,
      BootLayout boot,
      PageArray pages,
      PageAllocator allocator,
      PageState state,
      VmObjects objects,
      PmapMappings mappings,
      SleepQueue sleepQueue) {}

  /** Boots the pmap, over the tables that boot has built. */
  public KernelPmap(Kernel of, TlbControl tlb, PmapProvider provider) {
    token = of.vmToken;
    mappings = of.mappings;
    KernelTablePages tables =
        new KernelTablePages(
            of.allocator,
            of.state,
            of.objects.allocate("kptobj", ObjectType.DEFAULT, KPTOBJ_PAGES),
            of.boot.kernelTables());
    module =
        provider.create(
            new PmapContext(
                of.ram,
                of.boot.tables(),
                of.pages,
                of.allocator,
                of.state,
                tlb,
                pmaps,
                tables,
                mappings.cleanMap(),
                of.sleepQueue));
    mappings.setModule(module);
    kernel = new Pmap("kernel_pmap", this, of.boot.tables(), null, null);
    kernel.setActive(true);
    pmaps.add(kernel);
    current = new CurrentPmap(token, kernel);
    user = new LivePmaps(this, of.boot.tables(), of.objects, pmaps);
    kernelEnter = new KernelEnter(module);
    growth = new KernelGrowth(token, module, tables);
  }

  /** Returns the implementation. */
  public PmapModule module() {
    return module;
  }

  /** Returns {@code kernel_pmap}. */
  public Pmap kernel() {
    return kernel;
  }

  /** Returns which physical map the CPU is on. */
  public CurrentPmap current() {
    return current;
  }

  /** Returns the physical maps of user address spaces. */
  public LivePmaps user() {
    return user;
  }

  /** Returns {@code pmap_kenter} and its kin. */
  public KernelEnter kernelEnter() {
    return kernelEnter;
  }

  /** Returns {@code pmap_growkernel} and its mark. */
  public KernelGrowth growth() {
    return growth;
  }

  PmapMappings mappings() {
    return mappings;
  }

  Token token() {
    return token;
  }

  PvZone zone() {
    return zone;
  }
}

package dev.kmemu.vm;

import dev.kmemu.emulator.cpu.HostKernel;
import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.check.InvariantChecker;
import dev.kmemu.vm.check.Violation;
import dev.kmemu.vm.fault.FaultCopy;
import dev.kmemu.vm.fault.FaultHistory;
import dev.kmemu.vm.fault.FaultWiring;
import dev.kmemu.vm.fault.PageFaultTrap;
import dev.kmemu.vm.fault.VmFault;
import dev.kmemu.vm.kern.PanicState;
import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.Sysctl;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.kern.VmTokens;
import dev.kmemu.vm.kmem.DeviceMappings;
import dev.kmemu.vm.kmem.KernelSubmaps;
import dev.kmemu.vm.kmem.Kmem;
import dev.kmemu.vm.kmem.KmemInit;
import dev.kmemu.vm.kmem.WiredKmem;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMaps;
import dev.kmemu.vm.map.VmSpaces;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.page.PageQueues;
import dev.kmemu.vm.page.PageShortage;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.PageThresholds;
import dev.kmemu.vm.pageout.Paging;
import dev.kmemu.vm.pager.SwapUnavailableException;
import dev.kmemu.vm.pmap.BootLayout;
import dev.kmemu.vm.pmap.CurrentPmap;
import dev.kmemu.vm.pmap.KernelEnter;
import dev.kmemu.vm.pmap.KernelGrowth;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.LivePmaps;
import dev.kmemu.vm.pmap.PageContents;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapBootstrap;
import dev.kmemu.vm.pmap.PmapRoutines;
import dev.kmemu.vm.report.KernelVmReports;
import java.util.List;

/**
 * A DragonFly kernel's virtual memory, whose page tables lie in guest RAM: the 2.8 layout, 128 GiB
 * of KVA. All of it may be used by many threads at once.
 *
 * <p>Construction is the boot of the VM: it writes page tables behind {@link
 * KernelVmConfig#firstFree}, and a CPU whose CR3 is {@link #pml4()} runs in the kernel's address
 * space from then on. Closing it ends its swap space and nothing else; a VM without a swap file
 * needn't be closed.
 */
public final class KernelVm implements AutoCloseable {

  private static final long KPTOBJ_PAGES = 5;

  private final VmTokens tokens = VmTokens.create();
  private final VmStats stats = new VmStats();
  private final PanicState panics = new PanicState();
  private final SleepQueue sleepQueue = new SleepQueue(panics);
  private final PageQueues queues = new PageQueues(stats);
  private final PageShortage shortage = new PageShortage(stats, sleepQueue);
  private final PhysicalMemory ram;
  private final BootLayout boot;
  private final PageArray pages;
  private final PageState pageState;
  private final PageAllocator allocator;
  private final VmObjects objects;
  private final Pmap pmap;
  private final CurrentPmap currentPmap;
  private final LivePmaps userPmaps;
  private final KernelEnter kernelEnter;
  private final KernelGrowth growth;
  private final VmFault faults;
  private final VmMaps maps;
  private final VmMap kernelMap;
  private final VmSpaces spaces;
  private final Kmem kmem;
  private final PageContents pageContents;
  private final DeviceMappings deviceMappings;
  private final PageFaultTrap trap;
  private final Sysctl sysctl;
  private final Paging paging;

  /**
   * Boots the VM.
   *
   * @param tlb drops translations of the CPU that runs on these page tables
   * @throws IllegalArgumentException when RAM is too small or too large, naming the limit
   * @throws SwapUnavailableException when the swap file can't be used, naming it and the way out
   */
  public KernelVm(PhysicalMemory ram, TlbControl tlb, KernelVmConfig config) {
    this.ram = ram;
    FaultHistory history = new FaultHistory(config.faultHistory());
    boot = PmapBootstrap.build(ram, config.firstFree());
    pages = new PageArray(boot.firstAvailable(), new PhysicalAddress(ram.size()));
    PmapRoutines routines = new PmapRoutines(pages, tlb);
    pageState = new PageState(stats, queues, sleepQueue, routines.mappings(), ram, shortage);
    allocator = new PageAllocator(tokens, stats, queues, pageState, sleepQueue, shortage);
    addPages(config.ramIsZeroed());
    objects =
        new VmObjects(
            tokens, sleepQueue, allocator, pageState, VmArith.offToIdx(KvaLayout.KVA_END));
    pmap = Pmap.kernel(tokens.vm(), routines, boot.tables());
    currentPmap = new CurrentPmap(tokens.vm(), pmap);
    userPmaps =
        new LivePmaps(tokens.vm(), routines, boot.tables(), objects, allocator, pageState, pages);
    kernelEnter = new KernelEnter(boot.tables(), tlb);
    growth =
        new KernelGrowth(
            tokens.vm(),
            boot.tables(),
            allocator,
            pageState,
            objects.allocate("kptobj", ObjectType.DEFAULT, KPTOBJ_PAGES),
            boot.kernelTables());
    faults = new VmFault(tokens, stats, objects, allocator, pageState, shortage);
    maps =
        new VmMaps(
            tokens,
            stats,
            sleepQueue,
            objects,
            growth,
            new FaultWiring(tokens.vm(), faults, pages, pageState),
            new FaultCopy(tokens.vm(), objects, allocator, pageState, ram),
            config.cpus());
    kernelMap =
        KmemInit.kmemInit(
            maps, pmap, KmemInit.FreeKva.pc64(boot.virtualStart(), KvaLayout.KVA_END));
    spaces = maps.spaces(userPmaps);
    faults.setKernelMap(kernelMap);
    faults.setStackGrowth(maps.stacks()::grow);
    kmem =
        new Kmem(
            maps,
            pmap,
            sleepQueue,
            new WiredKmem(maps, objects, allocator, pageState, tokens.vm()));
    pageContents = new PageContents(ram);
    deviceMappings = new DeviceMappings(kmem, kernelMap, kernelEnter);
    trap = new PageFaultTrap(faults, kernelMap, history, panics);
    sysctl = VmSysctls.of(this);
    paging =
        new Paging(
            tokens,
            stats,
            queues,
            pageState,
            allocator,
            routines.mappings(),
            shortage,
            objects,
            pages,
            ram,
            config.swap());
  }

  /** {@code vm_page_startup}. Pages of lower addresses are handed out first. */
  private void addPages(boolean zeroed) {
    tokens.vm().get();
    try {
      for (int i = pages.size() - 1; i >= 0; i--) {
        allocator.addNewPage(pages.get(i), zeroed);
      }
      PageThresholds.set(stats);
    } finally {
      tokens.vm().release();
    }
  }

  /** Returns what CR3 must hold. */
  public PhysicalAddress pml4() {
    return boot.tables().pml4();
  }

  /** Returns guest RAM. */
  public PhysicalMemory ram() {
    return ram;
  }

  /** Returns what boot built. */
  public BootLayout boot() {
    return boot;
  }

  /** Returns the map of all KVA. */
  public VmMap kernelMap() {
    return kernelMap;
  }

  /** Returns the allocators. */
  public Kmem kmem() {
    return kmem;
  }

  /**
   * {@code cpu_startup}: carves the submaps of the buffer cache and the pagers out of the kernel
   * map. Boot itself doesn't; ask at most once.
   *
   * @param bufferBytes KVA of the buffer cache, in bytes
   * @param pagerBytes KVA of transfers by pagers, in bytes
   */
  public KernelSubmaps startCpu(long bufferBytes, long pagerBytes) {
    return KernelSubmaps.cpuStartup(kmem, kernelMap, bufferBytes, pagerBytes);
  }

  /** Returns {@code kernel_pmap}. */
  public Pmap pmap() {
    return pmap;
  }

  /** Returns which physical map the CPU is on, and the way to another one. */
  public CurrentPmap currentPmap() {
    return currentPmap;
  }

  /** Returns the physical maps of user address spaces. */
  public LivePmaps userPmaps() {
    return userPmaps;
  }

  /** Returns {@code pmap_kenter} and its kin. */
  public KernelEnter kernelEnter() {
    return kernelEnter;
  }

  /** Returns {@code pmap_zero_page}, {@code pmap_copy_page} and their parts. */
  public PageContents pageContents() {
    return pageContents;
  }

  /** Returns {@code pmap_mapdev} and its kin. */
  public DeviceMappings deviceMappings() {
    return deviceMappings;
  }

  /** Returns {@code pmap_growkernel} and its mark. */
  public KernelGrowth growth() {
    return growth;
  }

  /** Returns the routines on maps. */
  public VmMaps maps() {
    return maps;
  }

  /** Returns the user address spaces. */
  public VmSpaces spaces() {
    return spaces;
  }

  /** Returns {@code vm_fault}. */
  public VmFault faults() {
    return faults;
  }

  /** Returns the handler of the guest's page faults, for the machine's trap router. */
  public HostKernel hostKernel() {
    return trap;
  }

  /** Returns the same handler with {@code pcb_onfault} and the fault history. */
  public PageFaultTrap trap() {
    return trap;
  }

  /** Returns the sysctls. */
  public Sysctl sysctl() {
    return sysctl;
  }

  /**
   * Returns {@code panicstr}: the panic that ended this kernel. The guest's own are recorded by its
   * trap; Java code that calls the VM records what it doesn't recover from.
   */
  public PanicState panics() {
    return panics;
  }

  /** Returns snapshots of maps, wired pages and counters. */
  public KernelVmReports reports() {
    return new KernelVmReports(this);
  }

  /** Tests all invariants; no other call may be in progress. Empty when all is well. */
  public List<Violation> check() {
    return InvariantChecker.check(this);
  }

  /** Returns the objects. */
  public VmObjects objects() {
    return objects;
  }

  /** Returns all pages of the VM. */
  public PageArray pages() {
    return pages;
  }

  /** Returns the paging queues; use them under {@code vm_token}. */
  public PageQueues queues() {
    return queues;
  }

  /** Returns page allocation; use it under {@code vm_token}. */
  public PageAllocator allocator() {
    return allocator;
  }

  /** Returns the page states; use them under {@code vm_token}. */
  public PageState pageState() {
    return pageState;
  }

  /** Returns the channel on which threads wait for free pages. */
  public PageShortage shortage() {
    return shortage;
  }

  /** Returns pageout and the pagers. */
  public Paging paging() {
    return paging;
  }

  /** Returns the counters; read them under {@code vm_token}. */
  public VmStats stats() {
    return stats;
  }

  /** Returns the global tokens. */
  public VmTokens tokens() {
    return tokens;
  }

  /** Returns the sleep queues. */
  public SleepQueue sleepQueue() {
    return sleepQueue;
  }

  @Override
  public void close() {
    paging.close();
  }
}

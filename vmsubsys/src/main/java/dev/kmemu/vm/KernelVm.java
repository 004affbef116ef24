package dev.kmemu.vm;

import dev.kmemu.emulator.cpu.HostKernel;
import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.check.InvariantChecker;
import dev.kmemu.vm.check.Violation;
import dev.kmemu.vm.fault.PageFaultTrap;
import dev.kmemu.vm.fault.VmFault;
import dev.kmemu.vm.kern.PanicState;
import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.Sysctl;
import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.kern.VmTokens;
import dev.kmemu.vm.kmem.DeviceMappings;
import dev.kmemu.vm.kmem.KernelSubmaps;
import dev.kmemu.vm.kmem.Kmem;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMaps;
import dev.kmemu.vm.map.VmSpaces;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.page.PageQueues;
import dev.kmemu.vm.page.PageShortage;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.pageout.Paging;
import dev.kmemu.vm.pager.SwapUnavailableException;
import dev.kmemu.vm.pmap.BootLayout;
import dev.kmemu.vm.pmap.CurrentPmap;
import dev.kmemu.vm.pmap.KernelEnter;
import dev.kmemu.vm.pmap.KernelGrowth;
import dev.kmemu.vm.pmap.LivePmaps;
import dev.kmemu.vm.pmap.PageContents;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.report.KernelVmReports;
import dev.kmemu.vm.snapshot.KernelVmSnapshots;
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

  private final PageLayer pageLayer;
  private final PmapLayer pmapLayer;
  private final MapLayer mapLayer;
  private final Paging paging;
  private final Sysctl sysctl;

  /**
   * Boots the VM.
   *
   * @param tlb drops translations of the CPU that runs on these page tables
   * @throws IllegalArgumentException when RAM is too small or too large, naming the limit
   * @throws SwapUnavailableException when the swap file can't be used, naming it and the way out
   */
  public KernelVm(PhysicalMemory ram, TlbControl tlb, KernelVmConfig config) {
    pageLayer = new PageLayer(ram, config);
    pmapLayer = new PmapLayer(pageLayer, tlb, config.pmap());
    mapLayer = new MapLayer(pageLayer, pmapLayer, config);
    paging =
        new Paging(
            pageLayer.tokens,
            pageLayer.stats,
            pageLayer.queues,
            pageLayer.state,
            pageLayer.allocator,
            pageLayer.mappings,
            pageLayer.shortage,
            pmapLayer.objects,
            pageLayer.pages,
            ram,
            config.swap());
    sysctl = VmSysctls.of(this);
  }

  /** Returns what CR3 must hold. */
  public PhysicalAddress pml4() {
    return pageLayer.boot.tables().pml4();
  }

  /** Returns guest RAM. */
  public PhysicalMemory ram() {
    return pageLayer.ram;
  }

  /** Returns what boot built. */
  public BootLayout boot() {
    return pageLayer.boot;
  }

  /** Returns the map of all KVA. */
  public VmMap kernelMap() {
    return mapLayer.kernelMap;
  }

  /** Returns the allocators. */
  public Kmem kmem() {
    return mapLayer.kmem;
  }

  /**
   * {@code cpu_startup}: carves the submaps of the buffer cache and the pagers out of the kernel
   * map. Boot itself doesn't; ask at most once.
   *
   * @param bufferBytes KVA of the buffer cache, in bytes
   * @param pagerBytes KVA of transfers by pagers, in bytes
   */
  public KernelSubmaps startCpu(long bufferBytes, long pagerBytes) {
    return KernelSubmaps.cpuStartup(mapLayer.kmem, mapLayer.kernelMap, bufferBytes, pagerBytes);
  }

  /** Returns {@code kernel_pmap}. */
  public Pmap pmap() {
    return pmapLayer.pmap.kernel();
  }

  /** Returns the implementation of the physical maps, see {@link KernelVmConfig#pmap}. */
  public PmapModule pmapModule() {
    return pmapLayer.pmap.module();
  }

  /** Returns which physical map the CPU is on, and the way to another one. */
  public CurrentPmap currentPmap() {
    return pmapLayer.pmap.current();
  }

  /** Returns the physical maps of user address spaces. */
  public LivePmaps userPmaps() {
    return pmapLayer.pmap.user();
  }

  /** Returns {@code pmap_kenter} and its kin. */
  public KernelEnter kernelEnter() {
    return pmapLayer.pmap.kernelEnter();
  }

  /** Returns {@code pmap_zero_page}, {@code pmap_copy_page} and their parts. */
  public PageContents pageContents() {
    return pmapLayer.contents;
  }

  /** Returns {@code pmap_mapdev} and its kin. */
  public DeviceMappings deviceMappings() {
    return mapLayer.deviceMappings;
  }

  /** Returns {@code pmap_growkernel} and its mark. */
  public KernelGrowth growth() {
    return pmapLayer.pmap.growth();
  }

  /** Returns the routines on maps. */
  public VmMaps maps() {
    return mapLayer.maps;
  }

  /** Returns the user address spaces. */
  public VmSpaces spaces() {
    return mapLayer.spaces;
  }

  /** Returns {@code vm_fault}. */
  public VmFault faults() {
    return mapLayer.faults;
  }

  /** Returns the handler of the guest's page faults, for the machine's trap router. */
  public HostKernel hostKernel() {
    return mapLayer.trap;
  }

  /** Returns the same handler with {@code pcb_onfault} and the fault history. */
  public PageFaultTrap trap() {
    return mapLayer.trap;
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
    return pageLayer.panics;
  }

  /** Returns snapshots of maps, wired pages and counters. */
  public KernelVmReports reports() {
    return new KernelVmReports(this);
  }

  /** Returns the VM as a part of its machine's snapshots. */
  public KernelVmSnapshots snapshots() {
    return new KernelVmSnapshots(this);
  }

  /** Tests all invariants; no other call may be in progress. Empty when all is well. */
  public List<Violation> check() {
    return InvariantChecker.check(this);
  }

  /** Returns the objects. */
  public VmObjects objects() {
    return pmapLayer.objects;
  }

  /** Returns all pages of the VM. */
  public PageArray pages() {
    return pageLayer.pages;
  }

  /** Returns the paging queues; use them under {@code vm_token}. */
  public PageQueues queues() {
    return pageLayer.queues;
  }

  /** Returns page allocation; use it under {@code vm_token}. */
  public PageAllocator allocator() {
    return pageLayer.allocator;
  }

  /** Returns the page states; use them under {@code vm_token}. */
  public PageState pageState() {
    return pageLayer.state;
  }

  /** Returns the channel on which threads wait for free pages. */
  public PageShortage shortage() {
    return pageLayer.shortage;
  }

  /** Returns pageout and the pagers. */
  public Paging paging() {
    return paging;
  }

  /** Returns the counters; read them under {@code vm_token}. */
  public VmStats stats() {
    return pageLayer.stats;
  }

  /** Returns the global tokens. */
  public VmTokens tokens() {
    return pageLayer.tokens;
  }

  /** Returns the sleep queues. */
  public SleepQueue sleepQueue() {
    return pageLayer.sleepQueue;
  }

  @Override
  public void close() {
    paging.close();
  }
}

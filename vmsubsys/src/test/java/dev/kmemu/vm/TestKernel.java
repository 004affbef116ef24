package dev.kmemu.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pager.SwapConfig;
import dev.kmemu.vm.pmap.KvaLayout;
import java.util.ArrayList;
import java.util.List;

/** A kernel VM over RAM of the JVM, with short ways to ask about it. */
final class TestKernel {

  static final long PAGE = VirtualAddress.PAGE_SIZE;
  static final long MIB = 1L << 20;
  static final PhysicalAddress FIRST_FREE = new PhysicalAddress(2 * MIB);

  final RecordingTlb tlb = new RecordingTlb();
  final KernelVm vm;

  private TestKernel(long ramSize, SwapConfig swap) {
    vm =
        new KernelVm(
            new PhysicalMemory(new DirectMapping(ramSize)),
            tlb,
            KernelVmConfig.of(FIRST_FREE).withSwap(swap));
  }

  static TestKernel withRam(long bytes) {
    return new TestKernel(bytes, SwapConfig.none());
  }

  static TestKernel withSwap(long ramBytes, SwapConfig swap) {
    return new TestKernel(ramBytes, swap);
  }

  static TestKernel small() {
    return withRam(8 * MIB);
  }

  VmMap map() {
    return vm.kernelMap();
  }

  long alloc(long size) {
    return vm.kmem().alloc(map(), size).orThrow().value();
  }

  void free(long va, long size) {
    vm.kmem().free(map(), new VirtualAddress(va), size);
  }

  long counter(VmCounter counter) {
    vm.tokens().vm().get();
    try {
      return vm.stats().get(counter);
    } finally {
      vm.tokens().vm().release();
    }
  }

  void inVm(Runnable body) {
    vm.tokens().vm().get();
    try {
      body.run();
    } finally {
      vm.tokens().vm().release();
    }
  }

  /** Has the pageout daemon look for {@code pages}, however many are free. */
  void scanFor(int pages) {
    inVm(
        () -> {
          vm.stats().set(VmCounter.PAGEOUT_DEFICIT, pages);
          vm.paging().pageout().run();
        });
  }

  long residentCount() {
    return vm.pmap().statistics().residentCount();
  }

  long wiredCount() {
    return vm.pmap().statistics().wiredCount();
  }

  /** Reads 8 bytes through the page tables. */
  long read(long va) {
    return vm.ram().load64(new PhysicalAddress(vm.pmap().extract(va)));
  }

  /** Writes 8 bytes through the page tables. */
  void write(long va, long value) {
    vm.ram().store64(new PhysicalAddress(vm.pmap().extract(va)), value);
  }

  /** Returns the page mapped at {@code va}. */
  VmPage pageAt(long va) {
    return vm.pages().at(vm.pmap().extract(va));
  }

  List<VmMapEntry> entries(VmMap map) {
    List<VmMapEntry> entries = new ArrayList<>();
    for (VmMapEntry e = map.first(); e != map.header(); e = e.next()) {
      entries.add(e);
    }
    return entries;
  }

  void check() {
    assertThat(vm.check()).as("broken invariants").isEmpty();
  }

  static long kva(long page) {
    return KvaLayout.KVA_START + page * PAGE;
  }

  /** Counts the invalidations it is asked for. */
  static final class RecordingTlb implements TlbControl {
    final List<Long> pages = new ArrayList<>();
    int full;

    /** Whether pages are recorded, which allocates. */
    boolean recording = true;

    @Override
    public void invalidatePage(VirtualAddress address) {
      invalidatePage(address.value());
    }

    @Override
    public void invalidatePage(long va) {
      if (recording) {
        pages.add(va);
      }
    }

    @Override
    public void invalidateAll() {
      full++;
    }

    void clear() {
      pages.clear();
      full = 0;
    }
  }
}

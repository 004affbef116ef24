package dev.kmemu.vm;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.kern.PanicState;
import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.kern.VmTokens;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.page.PageQueues;
import dev.kmemu.vm.page.PageShortage;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.PageThresholds;
import dev.kmemu.vm.pmap.BootLayout;
import dev.kmemu.vm.pmap.PmapBootstrap;
import dev.kmemu.vm.pmap.PmapMappings;

/** What boot makes first: locks and counters, the boot page tables, and the pages of RAM. */
final class PageLayer {

  final VmTokens tokens;
  final VmStats stats = new VmStats();
  final PanicState panics = new PanicState();
  final SleepQueue sleepQueue;
  final PageQueues queues = new PageQueues(stats);
  final PageShortage shortage;
  final PhysicalMemory ram;
  final BootLayout boot;
  final PageArray pages;
  final PmapMappings mappings = new PmapMappings();
  final PageState state;
  final PageAllocator allocator;

  PageLayer(PhysicalMemory ram, KernelVmConfig config) {
    this.ram = ram;
    tokens = VmTokens.create(config.scheduler());
    sleepQueue = new SleepQueue(panics, config.scheduler());
    shortage = new PageShortage(stats, sleepQueue);
    boot = PmapBootstrap.build(ram, config.firstFree());
    pages = new PageArray(boot.firstAvailable(), new PhysicalAddress(ram.size()));
    state = new PageState(stats, queues, sleepQueue, mappings, ram, shortage);
    allocator = new PageAllocator(tokens, stats, queues, state, sleepQueue, shortage);
    addPages(config.ramIsZeroed());
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
}

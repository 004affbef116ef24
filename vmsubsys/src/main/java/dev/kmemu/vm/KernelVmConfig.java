package dev.kmemu.vm;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.ThreadScheduler;
import dev.kmemu.vm.map.EntryReserve;
import dev.kmemu.vm.pager.SwapConfig;
import dev.kmemu.vm.pmap.PmapProvider;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a kernel VM must know of its machine.
 *
 * @param firstFree the end of what the loader placed in RAM; page tables and then the page pool
 *     come after it, everything below stays untouched
 * @param ramIsZeroed whether RAM from {@code firstFree} on reads as zero, so that fresh pages
 *     needn't be zeroed
 * @param faultHistory how many page faults are remembered
 * @param cpus the number of virtual CPUs that threads are dealt out to, 1 to {@link
 *     EntryReserve#MAX_CPUS}
 * @param swap where anonymous pages go when memory is short; none unless asked for, as in a kernel
 *     before {@code swapon}
 * @param pmap makes the implementation of the physical maps; {@link PmapProvider#standard} unless a
 *     test brings its own
 * @param scheduler chooses which thread runs wherever the kernel's threads may block; null, as
 *     unless asked for, leaves it to the JVM
 */
public record KernelVmConfig(
    PhysicalAddress firstFree,
    boolean ramIsZeroed,
    int faultHistory,
    int cpus,
    SwapConfig swap,
    PmapProvider pmap,
    @Nullable ThreadScheduler scheduler) {

  /** Checks that {@code firstFree} is an address that RAM can hold. */
  public KernelVmConfig {
    Objects.requireNonNull(swap, "swap");
    Objects.requireNonNull(pmap, "pmap");
    if (firstFree.value() < VirtualAddress.PAGE_SIZE) {
      throw new IllegalArgumentException(
          "the first free physical address must be at least 4096, got " + firstFree);
    }
  }

  /** Creates the configuration of one virtual CPU without swap. */
  public KernelVmConfig(PhysicalAddress firstFree, boolean ramIsZeroed, int faultHistory) {
    this(firstFree, ramIsZeroed, faultHistory, 1, SwapConfig.none(), PmapProvider.standard(), null);
  }

  /** Returns this configuration with another number of virtual CPUs. */
  public KernelVmConfig withCpus(int count) {
    return new KernelVmConfig(firstFree, ramIsZeroed, faultHistory, count, swap, pmap, scheduler);
  }

  /** Returns this configuration with another implementation of the physical maps. */
  public KernelVmConfig withPmap(PmapProvider provider) {
    return new KernelVmConfig(
        firstFree, ramIsZeroed, faultHistory, cpus, swap, provider, scheduler);
  }

  /** Returns the configuration of a fresh machine: zeroed RAM, the last 256 faults, no swap. */
  public static KernelVmConfig of(PhysicalAddress firstFree) {
    return new KernelVmConfig(firstFree, true, 256);
  }

  /** Returns this configuration with another swap; its VM must be closed. */
  public KernelVmConfig withSwap(SwapConfig newSwap) {
    return new KernelVmConfig(firstFree, ramIsZeroed, faultHistory, cpus, newSwap, pmap, scheduler);
  }

  /** Returns this configuration with who chooses among its threads. */
  public KernelVmConfig withScheduler(ThreadScheduler chooser) {
    return new KernelVmConfig(firstFree, ramIsZeroed, faultHistory, cpus, swap, pmap, chooser);
  }
}

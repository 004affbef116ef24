package dev.kmemu.vm;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.map.EntryReserve;
import dev.kmemu.vm.pager.SwapConfig;
import dev.kmemu.vm.pmap.PmapProvider;
import java.util.Objects;

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
 */
public record KernelVmConfig(
    PhysicalAddress firstFree,
    boolean ramIsZeroed,
    int faultHistory,
    int cpus,
    SwapConfig swap,
    PmapProvider pmap) {

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
    this(firstFree, ramIsZeroed, faultHistory, 1, SwapConfig.none(), PmapProvider.standard());
  }

  /** Returns this configuration with another number of virtual CPUs. */
  public KernelVmConfig withCpus(int count) {
    return new KernelVmConfig(firstFree, ramIsZeroed, faultHistory, count, swap, pmap);
  }

  /** Returns this configuration with another implementation of the physical maps. */
  public KernelVmConfig withPmap(PmapProvider provider) {
    return new KernelVmConfig(firstFree, ramIsZeroed, faultHistory, cpus, swap, provider);
  }

  /** Returns the configuration of a fresh machine: zeroed RAM, the last 256 faults, no swap. */
  public static KernelVmConfig of(PhysicalAddress firstFree) {
    return new KernelVmConfig(firstFree, true, 256);
  }

  /** Returns this configuration with another swap; its VM must be closed. */
  public KernelVmConfig withSwap(SwapConfig newSwap) {
    return new KernelVmConfig(firstFree, ramIsZeroed, faultHistory, cpus, newSwap, pmap);
  }
}

package dev.kmemu.vm;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.map.EntryReserve;

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
 */
public record KernelVmConfig(
    PhysicalAddress firstFree, boolean ramIsZeroed, int faultHistory, int cpus) {

  /** Checks that {@code firstFree} is an address that RAM can hold. */
  public KernelVmConfig {
    if (firstFree.value() < VirtualAddress.PAGE_SIZE) {
      throw new IllegalArgumentException(
          "the first free physical address must be at least 4096, got " + firstFree);
    }
  }

  /** Creates the configuration of one virtual CPU. */
  public KernelVmConfig(PhysicalAddress firstFree, boolean ramIsZeroed, int faultHistory) {
    this(firstFree, ramIsZeroed, faultHistory, 1);
  }

  /** Returns this configuration with another number of virtual CPUs. */
  public KernelVmConfig withCpus(int count) {
    return new KernelVmConfig(firstFree, ramIsZeroed, faultHistory, count);
  }

  /** Returns the configuration of a fresh machine: zeroed RAM, the last 256 faults. */
  public static KernelVmConfig of(PhysicalAddress firstFree) {
    return new KernelVmConfig(firstFree, true, 256);
  }
}

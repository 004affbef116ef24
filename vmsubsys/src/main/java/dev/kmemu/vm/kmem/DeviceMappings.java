package dev.kmemu.vm.kmem;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.pmap.KernelEnter;

/**
 * {@code pmap_mapdev} and its kin ({@code sys/platform/pc64/x86_64/pmap.c}): kernel addresses for
 * physical memory that the VM doesn't own. May block on the map's lock.
 */
public final class DeviceMappings {

  private final Kmem kmem;
  private final VmMap kernelMap;
  private final KernelEnter mappings;

  /** Creates the routines. */
  public DeviceMappings(Kmem kmem, VmMap kernelMap, KernelEnter mappings) {
    this.kmem = kmem;
    this.kernelMap = kernelMap;
    this.mappings = mappings;
  }

  /**
   * {@code pmap_mapdev}: maps [pa, pa + size), neither of which need be page aligned.
   *
   * @return the address of {@code pa} itself
   * @throws KernelPanic when there is no room
   */
  public long mapdev(long pa, long size) {
    return map(pa, size, 0);
  }

  /** {@code pmap_mapdev_uncacheable}: the same, past the CPU's caches. */
  public long mapdevUncacheable(long pa, long size) {
    return map(pa, size, KernelEnter.UNCACHEABLE);
  }

  private long map(long pa, long size, long bits) {
    long offset = pa & VmArith.PAGE_MASK;
    long bytes = VmArith.roundPage(offset + size);
    KmemResult result = kmem.allocNofault(kernelMap, bytes, VmArith.PAGE_SIZE);
    if (!(result instanceof KmemResult.Allocated allocated)) {
      throw new KernelPanic(
          "pmap_mapdev: Couldn't alloc kernel virtual memory",
          String.format("0x%x bytes for 0x%x: %s", size, pa, result));
    }
    long va = allocated.address().value();
    mappings.enterDevice(va, pa - offset, bytes >>> VmArith.PAGE_SHIFT, bits);
    return va + offset;
  }

  /** {@code pmap_unmapdev}: unmaps before the addresses can be had again. */
  public void unmapdev(long va, long size) {
    long offset = va & VmArith.PAGE_MASK;
    long bytes = VmArith.roundPage(offset + size);
    mappings.qremove(va - offset, (int) (bytes >>> VmArith.PAGE_SHIFT));
    kmem.free(kernelMap, new VirtualAddress(va - offset), bytes);
  }
}

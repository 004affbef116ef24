package dev.kmemu.campaign.map;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.guest.AccessCpu;
import dev.kmemu.campaign.guest.AccessType;
import dev.kmemu.campaign.map.MapVerb.Operands;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kmem.KmemResult;
import dev.kmemu.vm.kmem.KmemSubmap;
import dev.kmemu.vm.map.VmMap;
import org.jspecify.annotations.Nullable;

/**
 * Wired kernel memory in a submap that is soon full. Each page of an allocation is zero at first
 * and then holds a word of its own until it is freed.
 */
final class KernelMemory {

  private static final int SUBMAP_PAGES = 16;

  private final KernelVm vm;
  private final AccessCpu cpu;
  private final CachedPages cached;
  private final VmMap map;
  private final long start;
  private final long[] addresses = new long[Operands.SLOTS];
  private final int[] counts = new int[Operands.SLOTS];
  private final long[] stamps = new long[Operands.SLOTS];
  private long stamp;

  KernelMemory(KernelVm vm, AccessCpu cpu, CachedPages cached) {
    this.cached = cached;
    this.vm = vm;
    this.cpu = cpu;
    KmemSubmap submap =
        vm.kmem().suballoc(vm.kernelMap(), "campaign_map", SUBMAP_PAGES * VmArith.PAGE_SIZE);
    map = submap.map();
    map.setSystemMap();
    start = submap.min().value();
  }

  @Nullable Failure alloc(int slot, int pages, boolean othersRun) {
    if (counts[slot] != 0) {
      return null;
    }
    boolean fits = fits(pages);
    KmemResult result = vm.kmem().alloc(map, pages * VmArith.PAGE_SIZE);
    if (result instanceof KmemResult.Allocated allocated) {
      addresses[slot] = allocated.address().value();
      counts[slot] = pages;
      stamps[slot] = ++stamp << 8;
      Failure failure = fits || othersRun ? overlap(slot) : failed("no room", result);
      for (int i = 0; failure == null && i < pages; i++) {
        failure = access("kalloc", slot, i, AccessType.LOAD, 0);
        failure =
            failure == null ? access("kalloc", slot, i, AccessType.STORE, value(slot, i)) : failure;
      }
      return failure;
    }
    boolean refused = result instanceof KmemResult.NoSpace;
    return refused && (othersRun || !fits) ? null : failed(fits ? "memory" : "no room", result);
  }

  @Nullable Failure free(int slot, boolean othersRun) {
    int pages = counts[slot];
    Failure failure = null;
    for (int i = 0; failure == null && i < pages; i++) {
      failure = access("kfree", slot, i, AccessType.LOAD, value(slot, i));
    }
    if (failure == null && pages != 0) {
      counts[slot] = 0;
      vm.kmem().free(map, new VirtualAddress(addresses[slot]), pages * VmArith.PAGE_SIZE);
      if (!othersRun) {
        failure = gone(addresses[slot]);
      }
    }
    return failure;
  }

  /** Frees everything. */
  @Nullable Failure freeAll() {
    Failure failure = null;
    for (int i = 0; failure == null && i < counts.length; i++) {
      failure = free(i, false);
    }
    return failure;
  }

  private long value(int slot, int page) {
    return stamps[slot] + page;
  }

  private @Nullable Failure access(
      String verb, int slot, int page, AccessType type, long expected) {
    long va = addresses[slot] + page * VmArith.PAGE_SIZE;
    cpu.clear();
    int access = cpu.add(type, va, expected);
    cpu.runUnserved(false);
    String where = String.format("%s at 0x%x: ", type == AccessType.LOAD ? "load" : "store", va);
    if (cpu.vector(access) != AccessCpu.NONE) {
      return Failure.of("kernel-memory", verb, where + "no fault", fault(access));
    }
    cached.use(vm.pmap().tables(), va);
    long word = cpu.result(access);
    return type == AccessType.LOAD && word != expected
        ? Failure.of("kernel-memory", verb, where + hex(expected), hex(word))
        : null;
  }

  private @Nullable Failure gone(long va) {
    cpu.clear();
    int access = cpu.add(AccessType.LOAD, va, 0);
    cpu.runUnserved(false);
    return cpu.vector(access) == AccessCpu.NONE
        ? Failure.of(
            "kernel-memory",
            "kfree",
            String.format("load at 0x%x: page fault", va),
            hex(cpu.result(access)))
        : null;
  }

  private String fault(int access) {
    return String.format(
        "exception %d, error code 0x%x", cpu.vector(access), cpu.errorCode(access));
  }

  private static String hex(long word) {
    return "0x" + Long.toHexString(word);
  }

  private static Failure failed(String expected, KmemResult result) {
    return Failure.of("returned", "kalloc", expected, result);
  }

  private @Nullable Failure overlap(int slot) {
    for (int i = 0; i < counts.length; i++) {
      long end = addresses[i] + counts[i] * VmArith.PAGE_SIZE;
      if (i != slot
          && counts[i] != 0
          && addresses[slot] < end
          && addresses[i] < addresses[slot] + counts[slot] * VmArith.PAGE_SIZE) {
        return Failure.of(
            "returned",
            "kalloc",
            "memory of its own",
            hex(addresses[slot]) + " and " + hex(addresses[i]));
      }
    }
    return null;
  }

  private boolean fits(int pages) {
    boolean[] used = new boolean[SUBMAP_PAGES];
    for (int slot = 0; slot < counts.length; slot++) {
      for (int i = 0; i < counts[slot]; i++) {
        used[(int) ((addresses[slot] - start) / VmArith.PAGE_SIZE) + i] = true;
      }
    }
    int free = 0;
    for (boolean taken : used) {
      free = taken ? 0 : free + 1;
      if (free == pages) {
        return true;
      }
    }
    return false;
  }
}

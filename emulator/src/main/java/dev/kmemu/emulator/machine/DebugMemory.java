package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.debug.MemoryTransfer;
import dev.kmemu.emulator.debug.PhysicalAccess;
import dev.kmemu.emulator.memory.PageRuns;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.mmu.VirtualMemory;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Guest memory as a debugger sees it, read where it lies. Code that the debugger overwrites is
 * translated anew before the CPU runs on.
 */
final class DebugMemory implements PhysicalAccess {

  private static final int SHIFT = VirtualAddress.PAGE_SHIFT;

  private final PhysicalMemory ram;
  private final VcpuThread vcpu;
  private final VirtualMemory memory;
  private final List<OverwrittenRange> overwritten = new ArrayList<>();
  private final BitSet overwrittenPages = new BitSet();

  private record OverwrittenRange(VirtualAddress address, int length) {}

  DebugMemory(PhysicalMemory ram, VcpuThread vcpu) {
    this.ram = ram;
    this.vcpu = vcpu;
    this.memory = new VirtualMemory(ram);
  }

  MemoryTransfer read(
      PagingMode mode, VirtualAddress address, byte[] target, int offset, int length) {
    int done = memory.read(mode, address, target, offset, length);
    return transfer(mode, address, done, length);
  }

  synchronized MemoryTransfer write(
      PagingMode mode, VirtualAddress address, byte[] source, int offset, int length) {
    int done = memory.write(mode, address, source, offset, length);
    if (done > 0) {
      overwritten.add(new OverwrittenRange(address, done));
    }
    return transfer(mode, address, done, length);
  }

  @Override
  public MemoryTransfer read(PhysicalAddress address, byte[] target, int offset, int length) {
    vcpu.requirePaused();
    int done = inRam(address, length);
    if (done > 0) {
      ram.read(address, target, offset, done);
    }
    return transfer(address, done, length);
  }

  @Override
  public MemoryTransfer write(PhysicalAddress address, byte[] source, int offset, int length) {
    vcpu.requirePaused();
    int done = inRam(address, length);
    if (done > 0) {
      ram.write(address, source, offset, done);
      remember(address.value() >>> SHIFT, (address.value() + done - 1) >>> SHIFT);
    }
    return transfer(address, done, length);
  }

  private synchronized void remember(long firstPage, long lastPage) {
    overwrittenPages.set((int) firstPage, (int) lastPage + 1);
  }

  synchronized boolean isOverwritten() {
    return !overwritten.isEmpty() || !overwrittenPages.isEmpty();
  }

  /** Drops translations of what was overwritten, in the address space of this moment. */
  synchronized CpuEngine dropOverwrittenCode(CpuEngine cpu) {
    for (OverwrittenRange range : overwritten) {
      cpu.invalidateCode(range.address(), range.length());
    }
    overwritten.clear();
    if (!overwrittenPages.isEmpty()) {
      PageRuns pages = new PageRuns();
      overwrittenPages.stream().forEach(pages::add);
      cpu.snapshots().ramChanged(pages);
      overwrittenPages.clear();
    }
    return cpu;
  }

  private int inRam(PhysicalAddress address, int length) {
    long at = address.value();
    if (at < 0 || !ram.overlaps(at, 1)) {
      return 0;
    }
    long pieceEnd = at < ram.holeStart() ? ram.holeStart() : ram.end();
    return (int) Math.min(length, pieceEnd - at);
  }

  private MemoryTransfer transfer(PhysicalAddress from, int done, int wanted) {
    return done == wanted
        ? new MemoryTransfer.Complete(done)
        : new MemoryTransfer.Partial(
            done, from.plus(done) + " isn't RAM, which is " + ram.extent());
  }

  private MemoryTransfer transfer(PagingMode mode, VirtualAddress from, int done, int wanted) {
    return done == wanted
        ? new MemoryTransfer.Complete(done)
        : new MemoryTransfer.Partial(done, memory.explain(mode, from.plus(done)));
  }
}

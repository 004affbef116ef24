package com.example.pmap;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/** The standard pmap with a TLB of our own: the place for an optimisation of its flushes. */
public final class MyPmap implements PmapProvider {

  @Override
  public PmapModule create(PmapContext context) {
    return new StandardPmap(context.withTlb(new MyTlb(context.tlb())));
  }

  private record MyTlb(TlbControl cpu) implements TlbControl {

    @Override
    public void invalidatePage(VirtualAddress address) {
      cpu.invalidatePage(address);
    }

    @Override
    public void invalidateAll() {
      cpu.invalidateAll();
    }
  }
}

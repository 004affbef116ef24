package dev.kmemu.vm;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.pmap.KernelPmap;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PageContents;
import dev.kmemu.vm.pmap.PmapProvider;

/** The objects, and the physical maps, whose page tables are pages of objects. */
final class PmapLayer {

  final VmObjects objects;
  final KernelPmap pmap;
  final PageContents contents;

  PmapLayer(PageLayer pages, TlbControl tlb, PmapProvider provider) {
    objects =
        new VmObjects(
            pages.tokens,
            pages.sleepQueue,
            pages.allocator,
            pages.state,
            VmArith.offToIdx(KvaLayout.KVA_END));
    pmap =
        new KernelPmap(
            new KernelPmap.Kernel(
                pages.tokens.vm(),
                pages.ram,
                pages.boot,
                pages.pages,
                pages.allocator,
                pages.state,
                objects,
                pages.mappings,
                pages.sleepQueue),
            tlb,
            provider);
    contents = new PageContents(pages.ram);
  }
}

package dev.kmemu.vm;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.pmap.CurrentPmap;
import dev.kmemu.vm.pmap.KernelEnter;
import dev.kmemu.vm.pmap.KernelGrowth;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.LivePmaps;
import dev.kmemu.vm.pmap.PageContents;
import dev.kmemu.vm.pmap.Pmap;

/** The objects, and the physical maps, whose page tables are pages of objects. */
final class PmapLayer {

  private static final long KPTOBJ_PAGES = 5;

  final VmObjects objects;
  final Pmap kernel;
  final CurrentPmap current;
  final LivePmaps user;
  final KernelEnter kernelEnter;
  final KernelGrowth growth;
  final PageContents contents;

  PmapLayer(PageLayer pages, TlbControl tlb) {
    var token = pages.tokens.vm();
    var tables = pages.boot.tables();
    objects =
        new VmObjects(
            pages.tokens,
            pages.sleepQueue,
            pages.allocator,
            pages.state,
            VmArith.offToIdx(KvaLayout.KVA_END));
    kernel = Pmap.kernel(token, pages.routines, tables);
    current = new CurrentPmap(token, kernel);
    user =
        new LivePmaps(
            token, pages.routines, tables, objects, pages.allocator, pages.state, pages.pages);
    kernelEnter = new KernelEnter(tables, tlb);
    growth =
        new KernelGrowth(
            token,
            tables,
            pages.allocator,
            pages.state,
            objects.allocate("kptobj", ObjectType.DEFAULT, KPTOBJ_PAGES),
            pages.boot.kernelTables());
    contents = new PageContents(pages.ram);
  }
}

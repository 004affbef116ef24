package dev.kmemu.vm;

import dev.kmemu.vm.fault.FaultCopy;
import dev.kmemu.vm.fault.FaultHistory;
import dev.kmemu.vm.fault.FaultWiring;
import dev.kmemu.vm.fault.PageFaultTrap;
import dev.kmemu.vm.fault.VmFault;
import dev.kmemu.vm.kmem.DeviceMappings;
import dev.kmemu.vm.kmem.Kmem;
import dev.kmemu.vm.kmem.KmemInit;
import dev.kmemu.vm.kmem.WiredKmem;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMaps;
import dev.kmemu.vm.map.VmSpaces;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.pmap.KvaLayout;

/** The address maps, the faults in them, and what allocates from the kernel's map. */
final class MapLayer {

  final VmFault faults;
  final VmMaps maps;
  final VmMap kernelMap;
  final VmSpaces spaces;
  final Kmem kmem;
  final DeviceMappings deviceMappings;
  final PageFaultTrap trap;

  MapLayer(PageLayer pages, PmapLayer pmaps, KernelVmConfig config) {
    var token = pages.tokens.vm();
    VmObjects objects = pmaps.objects;
    faults =
        new VmFault(
            pages.tokens, pages.stats, objects, pages.allocator, pages.state, pages.shortage);
    maps =
        new VmMaps(
            pages.tokens,
            pages.stats,
            pages.sleepQueue,
            objects,
            pmaps.pmap.growth(),
            new FaultWiring(token, faults, pages.pages, pages.state),
            new FaultCopy(token, objects, pages.allocator, pages.state),
            config.cpus(),
            config.scheduler());
    kernelMap =
        KmemInit.kmemInit(
            maps,
            pmaps.pmap.kernel(),
            KmemInit.FreeKva.pc64(pages.boot.virtualStart(), KvaLayout.KVA_END));
    spaces = maps.spaces(pmaps.pmap.user());
    faults.setKernelMap(kernelMap);
    faults.setStackGrowth(maps.stacks()::grow);
    kmem =
        new Kmem(
            maps,
            pmaps.pmap.kernel(),
            pages.sleepQueue,
            new WiredKmem(maps, objects, pages.allocator, pages.state, token));
    deviceMappings = new DeviceMappings(kmem, kernelMap, pmaps.pmap.kernelEnter());
    trap =
        new PageFaultTrap(faults, kernelMap, new FaultHistory(config.faultHistory()), pages.panics);
  }
}

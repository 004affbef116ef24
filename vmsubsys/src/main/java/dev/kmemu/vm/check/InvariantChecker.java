package dev.kmemu.vm.check;

import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.map.EntryReserve;
import dev.kmemu.vm.pager.SwapPager;
import dev.kmemu.vm.pmap.Pmap;
import java.util.List;
import java.util.Objects;

/**
 * Tests the invariants of a quiescent kernel VM: maps (M), pages and objects (P), page tables (V).
 */
public final class InvariantChecker {

  private InvariantChecker() {}

  /** Returns everything that is wrong; empty when all is well. No call may be in progress. */
  public static List<Violation> check(KernelVm vm) {
    Violations violations = new Violations();
    vm.kernelMap().lockRead();
    try {
      vm.tokens().vm().get();
      try {
        checkAll(vm, violations);
      } finally {
        vm.tokens().vm().release();
      }
    } finally {
      vm.kernelMap().unlock();
    }
    return violations.list();
  }

  /** V6 and V7: nothing is mapped in [start, end) of {@code pmap}; names each page that is. */
  public static List<Violation> checkUnmapped(Pmap pmap, long start, long end) {
    Violations violations = new Violations();
    for (long va = start; va != end; va += VmArith.PAGE_SIZE) {
      violations.expectAddress(
          "V7", String.format("mapping of 0x%x in %s", va, pmap), 0, pmap.extract(va));
    }
    return violations.list();
  }

  private static void checkAll(KernelVm vm, Violations violations) {
    var kernelObject = vm.objects().kernelObject();
    CoverageChecks coverage = new CoverageChecks(violations);
    MapChecks maps = new MapChecks(violations, kernelObject, coverage);
    maps.check(vm.kernelMap());
    vm.maps().liveSpaces().forEach(space -> maps.check(space.map()));
    maps.checkReferences();
    ObjectChecks objects = new ObjectChecks(violations);
    maps.mappedObjects().forEach(objects::add);
    objects.add(kernelObject);
    objects.add(vm.growth().tableObject());
    PageChecks pages = new PageChecks(violations);
    pages.checkWiredEntries(kernelObject, maps.kernelObjectEntries());
    pages.checkPages(vm.pages(), vm.stats(), vm.ram());
    QueueChecks queues = new QueueChecks(violations, vm.pages());
    queues.checkQueues(vm.queues(), vm.stats());
    queues.checkIdle(vm.growth().tableObject());
    SwapPager swap = vm.paging().pagers().swap();
    if (swap != null) {
      String broken = swap.audit();
      violations.expectTrue("S", "swap", "every slot in use has one page", broken == null, broken);
    }
    MappingCounts mappings = new MappingCounts(vm.pages());
    LeafChecks leaves = new LeafChecks(violations, vm.pages(), coverage, mappings);
    PmapChecks pmap = new PmapChecks(violations, vm.pmap(), vm.pages(), leaves, mappings);
    pmap.checkTables();
    pmap.checkWired(kernelObject, maps.kernelObjectEntries());
    pmap.checkGrowth(vm.growth().kernelVmEnd(), vm.sysctl());
    UserPmapChecks users = new UserPmapChecks(violations, vm.pages(), vm.pmap(), leaves);
    for (Pmap user : vm.userPmaps().live()) {
      users.check(user);
      objects.add(Objects.requireNonNull(user.tableObject()));
    }
    pmap.checkPages();
    objects.check();
    EntryReserve reserve = vm.maps().reserve();
    for (int cpu = 0; cpu < reserve.cpus(); cpu++) {
      violations.expect(
          "R", "map entries of cpu " + cpu, EntryReserve.INVARIANT, reserve.balance(cpu));
    }
  }
}

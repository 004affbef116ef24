package dev.kmemu.vm.check;

import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.map.EntryReserve;
import java.util.List;

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

  private static void checkAll(KernelVm vm, Violations violations) {
    var kernelObject = vm.objects().kernelObject();
    MapChecks maps = new MapChecks(violations, kernelObject);
    maps.check(vm.kernelMap());
    PageChecks pages = new PageChecks(violations);
    pages.checkWiredEntries(kernelObject, maps.kernelObjectEntries());
    ObjectChecks objects = new ObjectChecks(violations);
    objects.addReferences(maps.mappedObjects());
    objects.add(kernelObject);
    objects.add(vm.growth().tableObject());
    objects.check();
    pages.checkQueues(vm.queues(), vm.stats());
    pages.checkPages(vm.pages(), vm.stats(), vm.ram());
    PmapChecks pmap = new PmapChecks(violations, vm.pmap(), vm.pages());
    pmap.checkTables();
    pmap.checkPvLists();
    pmap.checkWired(kernelObject, maps.kernelObjectEntries());
    pmap.checkGrowth(vm.growth().kernelVmEnd());
    violations.expect(
        "R", "map entry reservation", EntryReserve.INVARIANT, vm.maps().reserve().balance());
  }
}

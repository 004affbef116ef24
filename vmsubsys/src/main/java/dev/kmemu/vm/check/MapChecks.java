package dev.kmemu.vm.check;

import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.map.EntryFlags;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * M1 to M9 and M11: maps and their entries, and the submaps below them. M10 is about an operation,
 * not a state.
 */
final class MapChecks {

  private static final int TRANSITION = EntryFlags.IN_TRANSITION | EntryFlags.NEEDS_WAKEUP;

  private final Violations violations;
  private final VmObject kernelObject;
  private final CoverageChecks coverage;
  private final List<VmMapEntry> kernelObjectEntries = new ArrayList<>();
  private final Map<VmObject, Integer> mapped = new LinkedHashMap<>();

  MapChecks(Violations violations, VmObject kernelObject, CoverageChecks coverage) {
    this.violations = violations;
    this.kernelObject = kernelObject;
    this.coverage = coverage;
  }

  /** Returns the entries seen so far that map {@code kernel_object}. */
  List<VmMapEntry> kernelObjectEntries() {
    return kernelObjectEntries;
  }

  /** Returns the objects of the entries seen so far. */
  Set<VmObject> mappedObjects() {
    return mapped.keySet();
  }

  void check(VmMap map) {
    coverage.add(map.pmap());
    int count = 0;
    long size = 0;
    long previousEnd = map.min();
    boolean hintLinked = map.hint() == map.header();
    VmMapEntry previous = map.header();
    for (VmMapEntry e = map.first(); e != map.header(); e = e.next()) {
      count++;
      size += e.end() - e.start();
      hintLinked |= map.hint() == e;
      violations.expectTrue("M1", e, "prev is " + previous, e.prev() == previous, e.prev());
      violations.expectTrue(
          "M2",
          e,
          String.format("start at or above 0x%x, end above start", previousEnd),
          !VmArith.below(e.start(), previousEnd) && VmArith.below(e.start(), e.end()),
          e);
      violations.expectAddress(
          "M2",
          e + " offset of its bounds in their pages",
          0,
          (e.start() | e.end()) & VmArith.PAGE_MASK);
      violations.expect("M5", e, 0, e.eflags() & TRANSITION);
      violations.expect("M6", e, 0, e.protection() & ~e.maxProtection());
      violations.expectTrue("M6", e, "wired_count at least 0", e.wiredCount() >= 0, e.wiredCount());
      violations.expectTrue(
          "M6",
          e,
          "wired when wired by its user",
          e.wiredCount() > 0 || (e.eflags() & EntryFlags.USER_WIRED) == 0,
          "wired_count " + e.wiredCount());
      checkBacking(map, e);
      previousEnd = e.end();
      previous = e;
    }
    violations.expectTrue(
        "M2",
        map,
        String.format("the last entry ends at 0x%x or below", map.max()),
        !VmArith.below(map.max(), previousEnd),
        Long.toHexString(previousEnd));
    violations.expect("M1", map + " nentries", count, map.nentries());
    violations.expectTrue("M1", map, "the tree equals the list", map.treeMatchesList(), "another");
    violations.expect("M3", map + " size", size, map.size());
    violations.expectTrue("M4", map, "the hint is linked", hintLinked, map.hint());
  }

  private void checkBacking(VmMap map, VmMapEntry e) {
    if (e.object() == kernelObject) {
      kernelObjectEntries.add(e);
      violations.expectAddress("M7", e + " offset", e.start(), e.offset());
    }
    if ((e.eflags() & EntryFlags.NOFAULT) != 0) {
      violations.expectTrue("M11", e, "no object", e.object() == null, e.object());
    }
    VmObject object = e.object();
    if (object != null) {
      mapped.merge(object, 1, Integer::sum);
      violations.expectTrue(
          "M9",
          e,
          "no object made on demand in a system map",
          !map.isSystemMap() || object == kernelObject || !isAnonymous(object),
          object);
    }
    VmMap sub = e.submap();
    if (sub == null) {
      coverage.add(map.pmap(), e);
    } else {
      violations.expectAddress("M8", sub + " min", e.start(), sub.min());
      violations.expectAddress("M8", sub + " max", e.end(), sub.max());
      violations.expectTrue(
          "M8", sub, "the parent's pmap, " + map.pmap(), sub.pmap() == map.pmap(), sub.pmap());
      violations.expectTrue(
          "M8",
          sub,
          String.format("size within the span, 0x%x", e.end() - e.start()),
          !VmArith.below(e.end() - e.start(), sub.size()),
          Long.toHexString(sub.size()));
      check(sub);
    }
  }

  /** P3 for all objects: a reference for each entry and each shadow. Others may hold more. */
  void checkReferences() {
    mapped.forEach(
        (object, entries) ->
            violations.expectTrue(
                "P3",
                object,
                String.format(
                    "alive, and ref_count for %d entries and %d shadows or more",
                    entries, object.shadowCount()),
                object.refCount() >= entries + object.shadowCount() && !object.isDead(),
                "ref_count " + object.refCount() + (object.isDead() ? ", dead" : "")));
  }

  private static boolean isAnonymous(VmObject object) {
    return object.type() == ObjectType.DEFAULT || object.type() == ObjectType.SWAP;
  }
}

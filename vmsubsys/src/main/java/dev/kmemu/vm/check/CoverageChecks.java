package dev.kmemu.vm.check;

import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.Pmap;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * V5 to V7 for managed mappings: each lies in an entry that has an object, and shows the page that
 * the entry's objects have there.
 */
final class CoverageChecks {

  private final Violations violations;

  /** The entries of each physical map by their start, in unsigned order. */
  private final Map<Pmap, NavigableMap<Long, VmMapEntry>> entries = new HashMap<>();

  CoverageChecks(Violations violations) {
    this.violations = violations;
  }

  /** Says that all entries over {@code pmap} will be added. */
  void add(Pmap pmap) {
    entries.computeIfAbsent(pmap, p -> new TreeMap<>());
  }

  void add(Pmap pmap, VmMapEntry entry) {
    entries.computeIfAbsent(pmap, p -> new TreeMap<>()).put(entry.start() ^ Long.MIN_VALUE, entry);
  }

  void check(Pmap pmap, long va, VmPage page) {
    if (!entries.containsKey(pmap)) {
      // A physical map without a map over it.
      return;
    }
    String name = String.format("mapping of 0x%x in %s", va, pmap);
    VmMapEntry entry = entryAt(pmap, va);
    if (entry == null) {
      violations.expectTrue("V7", name, "no mapping outside all entries", false, page);
      return;
    }
    violations.expectTrue("V6", name, "no mapping without an object", entry.object() != null, page);
    if (entry.object() != null && page.owner() != null) {
      VmPage there = visible(entry, va);
      violations.expectTrue("V5", name, "shows " + there, there == page, page);
    }
  }

  /** Whether an unmanaged mapping shows the page that a fault enters there. */
  boolean isFaulted(Pmap pmap, long va, long pa) {
    VmMapEntry entry = entryAt(pmap, va);
    VmPage page = entry == null ? null : visible(entry, va);
    return page != null
        && page.has(PageFlags.FICTITIOUS | PageFlags.UNMANAGED)
        && page.physAddr() == pa;
  }

  private @Nullable VmMapEntry entryAt(Pmap pmap, long va) {
    NavigableMap<Long, VmMapEntry> known = entries.get(pmap);
    Map.Entry<Long, VmMapEntry> below =
        known == null ? null : known.floorEntry(va ^ Long.MIN_VALUE);
    VmMapEntry entry = below == null ? null : below.getValue();
    return entry != null && VmArith.below(va, entry.end()) ? entry : null;
  }

  private static @Nullable VmPage visible(VmMapEntry entry, long va) {
    VmObject object = entry.object();
    long pindex = VmArith.offToIdx(va - entry.start() + entry.offset());
    while (object != null) {
      VmPage page = object.residentPage(pindex);
      if (page != null && page.valid() != 0) {
        return page;
      }
      pindex += VmArith.offToIdx(object.backingObjectOffset());
      object = object.backingObject();
    }
    return null;
  }
}

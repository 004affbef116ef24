package dev.kmemu.vm.check;

import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.VmPage;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;

/** P2 and P3: objects, their pages, the chains they form and the references to them. */
final class ObjectChecks {

  private final Violations violations;

  /** Every object that was reached, with the number of map entries that refer to it. */
  private final IdentityHashMap<VmObject, Integer> references = new IdentityHashMap<>();

  private final Deque<VmObject> unchecked = new ArrayDeque<>();

  ObjectChecks(Violations violations) {
    this.violations = violations;
  }

  /** Takes in the objects of map entries, one for each entry. */
  void addReferences(Collection<VmObject> mapped) {
    for (VmObject object : mapped) {
      add(object);
      references.merge(object, 1, Integer::sum);
    }
  }

  /** Takes in an object that more than entries may refer to. */
  void add(VmObject object) {
    if (references.putIfAbsent(object, 0) == null) {
      unchecked.add(object);
    }
  }

  /** Checks all objects that were taken in, and those before and behind them. */
  void check() {
    while (!unchecked.isEmpty()) {
      VmObject object = unchecked.remove();
      checkPages(object);
      checkChain(object);
    }
    for (Map.Entry<VmObject, Integer> entry : references.entrySet()) {
      VmObject object = entry.getKey();
      int known = entry.getValue() + object.shadowCount();
      violations.expectTrue(
          "P3",
          object,
          "ref_count at least " + known + ", has " + object.refCount(),
          object.refCount() >= known);
    }
  }

  private void checkPages(VmObject object) {
    int count = 0;
    for (int slot = 0; slot < object.residentSlots(); slot++) {
      VmPage page = object.residentSlot(slot);
      if (page != null) {
        count++;
        violations.expectTrue(
            "P2",
            page,
            "belongs to " + object,
            page.owner() == object && object.residentPage(page.pindex()) == page);
      }
    }
    violations.expect("P2", object + " pages", count, object.residentPageCount());
  }

  private void checkChain(VmObject object) {
    violations.expectTrue("P3", object, "not dead", !object.isDead());
    violations.expect("P3", object + " paging_in_progress", 0, object.pagingInProgress());
    int shadows = 0;
    for (VmObject s = object.firstShadow(); s != null; s = s.nextShadow()) {
      shadows++;
      violations.expectTrue("P3", s, "is backed by " + object, s.backingObject() == object);
      add(s);
    }
    violations.expect("P3", object + " shadow_count", shadows, object.shadowCount());
    VmObject backing = object.backingObject();
    if (backing != null) {
      violations.expectTrue("P3", object, "is a shadow of " + backing, lists(backing, object));
      add(backing);
    }
  }

  private static boolean lists(VmObject backing, VmObject object) {
    VmObject s = backing.firstShadow();
    while (s != null && s != object) {
      s = s.nextShadow();
    }
    return s != null;
  }
}

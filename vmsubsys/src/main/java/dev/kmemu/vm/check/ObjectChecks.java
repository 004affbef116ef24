package dev.kmemu.vm.check;

import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.VmPage;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;

/** P2 and P3: objects, their pages and the chains they form. */
final class ObjectChecks {

  private final Violations violations;

  /** Every object that was reached. */
  private final Set<VmObject> reached = Collections.newSetFromMap(new IdentityHashMap<>());

  private final Deque<VmObject> unchecked = new ArrayDeque<>();

  ObjectChecks(Violations violations) {
    this.violations = violations;
  }

  /** Takes in an object, to be checked with those before and behind it. */
  void add(VmObject object) {
    if (reached.add(object)) {
      unchecked.add(object);
    }
  }

  /** Checks all objects that were taken in. */
  void check() {
    while (!unchecked.isEmpty()) {
      VmObject object = unchecked.remove();
      checkPages(object);
      checkChain(object);
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
            page.owner() == object && object.residentPage(page.pindex()) == page,
            page.owner());
      }
    }
    violations.expect("P2", object + " pages", count, object.residentPageCount());
  }

  private void checkChain(VmObject object) {
    violations.expectTrue("P3", object, "not dead", !object.isDead(), "dead");
    violations.expect("P3", object + " paging_in_progress", 0, object.pagingInProgress());
    int shadows = 0;
    for (VmObject s = object.firstShadow(); s != null; s = s.nextShadow()) {
      shadows++;
      violations.expectTrue(
          "P3", s, "is backed by " + object, s.backingObject() == object, s.backingObject());
      add(s);
    }
    violations.expect("P3", object + " shadow_count", shadows, object.shadowCount());
    violations.expectTrue(
        "P3",
        object,
        "a reference for each of " + shadows + " shadows",
        object.refCount() >= shadows,
        object.refCount());
    VmObject backing = object.backingObject();
    if (backing != null) {
      violations.expectTrue(
          "P3", object, "is a shadow of " + backing, lists(backing, object), "not listed there");
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

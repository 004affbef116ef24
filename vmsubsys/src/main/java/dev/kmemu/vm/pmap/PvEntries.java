package dev.kmemu.vm.pmap;

import dev.kmemu.vm.page.PvEntry;
import org.jspecify.annotations.Nullable;

/**
 * {@code pm_pvlist} and the free PV entries behind it. Grows by chunks and never shrinks, so a
 * steady load allocates nothing. Callers hold {@code vm_token}.
 */
final class PvEntries {

  private static final int CHUNK = 256;

  private @Nullable PvEntry free;
  private @Nullable PvEntry head;
  private int count;

  int count() {
    return count;
  }

  @Nullable PvEntry first() {
    return head;
  }

  PvEntry add(long va) {
    PvEntry pv = free;
    if (pv == null) {
      pv = grow();
    }
    free = pv.nextOnPmap;
    pv.va = va;
    pv.prevOnPmap = null;
    pv.nextOnPmap = head;
    if (head != null) {
      head.prevOnPmap = pv;
    }
    head = pv;
    count++;
    return pv;
  }

  void remove(PvEntry pv) {
    PvEntry next = pv.nextOnPmap;
    PvEntry previous = pv.prevOnPmap;
    if (next != null) {
      next.prevOnPmap = previous;
    }
    if (previous == null) {
      head = next;
    } else {
      previous.nextOnPmap = next;
    }
    pv.prevOnPmap = null;
    pv.nextOnPmap = free;
    free = pv;
    count--;
  }

  private PvEntry grow() {
    PvEntry first = new PvEntry();
    PvEntry last = first;
    for (int i = 1; i < CHUNK; i++) {
      PvEntry pv = new PvEntry();
      last.nextOnPmap = pv;
      last = pv;
    }
    free = first;
    return first;
  }
}

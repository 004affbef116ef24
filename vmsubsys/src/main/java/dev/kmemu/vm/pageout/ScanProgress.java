package dev.kmemu.vm.pageout;

import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.VmPage;

/** What the scans of one pass still have to do, and what they did. */
final class ScanProgress {

  private static final int FIRST_PASS_LAUNDER = 32;
  private static final int LAUNDER = 10_000;

  /** Counts the passes of one run; later ones spare less. */
  int pass;

  /** Pages that are still to be made free or cached; may go below 0. */
  long shortage;

  /** What {@link #shortage} was before the scan of the inactive queue. */
  long originalShortage;

  /** How many pages may be written out yet. */
  int launder;

  /**
   * Whether another pass may find more. What happens to a dirty page that can't be written out
   * doesn't count: without room in swap, every run would go round as often as a page can age.
   */
  boolean changed;

  /** Whether a busy or held page was passed over. */
  boolean obstacles;

  void begin(int thisPass, long wanted) {
    pass = thisPass;
    shortage = wanted;
    originalShortage = wanted;
    launder = thisPass == 0 ? FIRST_PASS_LAUNDER : LAUNDER;
    changed = false;
  }

  /** Notes a change of {@code page}, unless nothing can come of it: see {@link #changed}. */
  void changed(VmPage page, VmObject object, Laundry laundry) {
    changed = changed || laundry.canTake(page, object);
  }

  void gained() {
    shortage--;
    changed = true;
  }
}

package dev.kmemu.vm.pageout;

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

  /** Whether anything changed, so that another pass may find more. */
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

  void gained() {
    shortage--;
    changed = true;
  }
}

package dev.kmemu.vm.object;

/** {@code VM_PAGER_*}: how a pager ended. */
public enum PagerResult {
  /** The page is valid. */
  OK,

  /** The object has no such page. */
  BAD,

  /** The request can't be done. */
  FAIL,

  /** Input or output failed. */
  ERROR,

  /** There is no room now; try later. */
  AGAIN
}

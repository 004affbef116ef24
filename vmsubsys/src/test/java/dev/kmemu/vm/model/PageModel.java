package dev.kmemu.vm.model;

import dev.kmemu.vm.kern.VmProt;

/** A page that exists: its first word, and how it is mapped. */
public final class PageModel {

  long word;
  boolean mapped;
  boolean writable;
  boolean wired;

  private boolean accessed;
  private boolean modified;

  /** Enters the page, with the protection of its interval. */
  void enter(Interval interval) {
    mapped = true;
    writable = (interval.protection() & VmProt.WRITE) != 0;
    wired = interval.wired() != 0;
    accessed = true;
  }

  /** Returns whether the CPU finds it. */
  public boolean isMapped() {
    return mapped;
  }

  /** Returns whether it was used since {@link #watch}. */
  public boolean isAccessed() {
    return accessed;
  }

  /** Returns whether it was written to since {@link #watch}. */
  public boolean isModified() {
    return modified;
  }

  /** Begins to watch. */
  public void watch() {
    accessed = false;
    modified = false;
  }

  /** Notes an access by the CPU. */
  void use(boolean store) {
    accessed = true;
    modified |= store;
  }

  void unmap() {
    mapped = false;
    writable = false;
  }
}

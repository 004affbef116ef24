package dev.kmemu.vm.model;

/**
 * What a load or a store comes to.
 *
 * @param faults whether the CPU raises a page fault
 * @param mapped whether the fault is one of protection
 * @param end how it ends
 * @param word what a load gets, or 0
 */
public record Access(boolean faults, boolean mapped, End end, long word) {

  /** How an access ends. */
  public enum End {
    /** The access is done. */
    DONE,

    /** Nothing is allocated there. */
    NO_ENTRY,

    /** The range forbids it. */
    FORBIDDEN,

    /** The kernel panics: nothing may be touched that isn't mapped by hand. */
    NOFAULT_PANIC,

    /** The kernel panics: in a system map nothing makes pages. */
    NO_OBJECT_PANIC
  }

  /** Whether the kernel dies of it. */
  public boolean isPanic() {
    return end == End.NOFAULT_PANIC || end == End.NO_OBJECT_PANIC;
  }
}

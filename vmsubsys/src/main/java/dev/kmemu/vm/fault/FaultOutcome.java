package dev.kmemu.vm.fault;

/** How a page fault of the guest ended. */
public enum FaultOutcome {
  RESOLVED("resolved"),
  INVALID_ADDRESS("no entry at the address"),
  PROTECTION("the entry forbids the access"),
  FAILURE("the page can't be brought in"),
  USER_ACCESS("user-mode access to a kernel address"),
  NO_USER_MAP("address below the kernel, and no user address space"),
  CORRUPT_TABLE("a reserved bit is set in the page tables"),
  PANIC("panic");

  private final String text;

  FaultOutcome(String text) {
    this.text = text;
  }

  /** Returns the outcome in words. */
  public String text() {
    return text;
  }
}

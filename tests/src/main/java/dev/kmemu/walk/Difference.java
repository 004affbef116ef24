package dev.kmemu.walk;

import dev.kmemu.emulator.mmu.AccessKind;
import dev.kmemu.emulator.mmu.PageTableLevel;

/**
 * A point in which the CPU did something else than the Java walk says.
 *
 * @param aspect what differs
 * @param level the level of the entry, 0 to 3, where the aspect has one
 * @param expected what the walk says
 * @param actual what the CPU did
 * @param at the access, the last one of its combination where marks differ
 * @param controls the control bits
 * @param combination the entries
 */
public record Difference(
    Aspect aspect,
    int level,
    long expected,
    long actual,
    Expectation at,
    Controls controls,
    Combination combination) {

  /** What may differ. */
  public enum Aspect {
    /** Whether an exception is raised, and which: a vector, -1 for none. */
    VECTOR,
    /** The error code. */
    ERROR_CODE,
    /** CR2. */
    FAULT_ADDRESS,
    /** RIP of the exception. */
    INSTRUCTION,
    /** What was read, executed or written, and where. */
    DATA,
    /** A or D that should have been set, or an entry that was changed otherwise. */
    MARKS,
    /** The library's own answer to where an address leads; -1 for nowhere. */
    LIBRARY
  }

  /** Returns the kind of access. */
  public AccessKind kind() {
    return at.kind();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "%s (level %d): the walk says 0x%x, the CPU 0x%x%n  %s of %s at 0x%x, %s%n ",
            aspect,
            level,
            expected,
            actual,
            at.kind(),
            combination.accesses(),
            at.address(),
            at.outcome()));
    for (PageTableLevel one : PageTableLevel.values()) {
      text.append(String.format(" 0x%016x", combination.entry(one)));
    }
    return text.append("\n  ").append(controls).toString();
  }
}

package dev.kmemu.emulator.debug;

/** What became of a debugger's memory access. */
public sealed interface MemoryTransfer {

  /** Returns the bytes that were transferred, from the first one on. */
  int length();

  /** All of it. */
  record Complete(int length) implements MemoryTransfer {}

  /**
   * Only the first bytes, possibly none.
   *
   * @param length the bytes that were transferred
   * @param reason why the next byte couldn't be, one line for a person
   */
  record Partial(int length, String reason) implements MemoryTransfer {}
}

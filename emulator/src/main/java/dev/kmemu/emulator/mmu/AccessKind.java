package dev.kmemu.emulator.mmu;

/** What an instruction does at an address. */
public enum AccessKind {
  /** A data read. */
  READ,
  /** A data write. */
  WRITE,
  /** An instruction fetch. */
  FETCH
}

package dev.kmemu.emulator.mmu;

/** What the CPU does about an access. */
public sealed interface AccessOutcome {

  /** The access succeeds. */
  enum Allowed implements AccessOutcome {
    /** The only one. */
    INSTANCE
  }

  /**
   * The CPU raises #PF.
   *
   * @param errorCode the error code, with the bits of {@code TrapFrame}
   */
  record PageFault(int errorCode) implements AccessOutcome {}

  /** The CPU raises #GP(0), or #SS(0) for an access through RSP or RBP. */
  enum GeneralProtection implements AccessOutcome {
    /** The only one. */
    INSTANCE
  }

  /**
   * Nobody can tell.
   *
   * @param reason why not
   */
  record Undefined(TranslationMiss reason) implements AccessOutcome {}
}

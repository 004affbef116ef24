package dev.kmemu.emulator.cpu;

/** What became of an instruction that the engine left to the machine. */
public enum Completion {
  /** It has been executed. */
  DONE,
  /** It raises #UD. */
  INVALID_OPCODE,
  /** It raises #GP(0). */
  GENERAL_PROTECTION
}

package dev.kmemu.emulator.model;

/** What an access to an MSR that the model lacks does. */
public enum UnknownMsr {
  /** It raises #GP(0), as on a real processor. */
  RAISES_GENERAL_PROTECTION,
  /** It reads as 0, and writes are lost. */
  IS_IGNORED
}

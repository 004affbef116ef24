package dev.kmemu.emulator.model;

/**
 * An access to an MSR that the model lacks.
 *
 * @param index the MSR's number
 * @param write whether it is WRMSR
 * @param rip where
 */
public record MsrAccess(int index, boolean write, long rip) {

  @Override
  public String toString() {
    return String.format("%s of MSR 0x%x at RIP 0x%x", write ? "write" : "read", index, rip);
  }
}

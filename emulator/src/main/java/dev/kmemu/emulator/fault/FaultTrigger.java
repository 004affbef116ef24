package dev.kmemu.emulator.fault;

/** Counts the occasions of one fault. From any thread. */
final class FaultTrigger {

  private final DeviceFault fault;
  private long occasions;

  FaultTrigger(DeviceFault fault) {
    this.fault = fault;
  }

  DeviceFault fault() {
    return fault;
  }

  /** Whether this occasion, of {@code kind} at register {@code at}, is to go wrong. */
  synchronized boolean strikes(FaultKind kind, long at) {
    if (kind != fault.kind() || (fault.at() != DeviceFault.ANYWHERE && fault.at() != at)) {
      return false;
    }
    long occasion = occasions++;
    return occasion >= fault.skip() && occasion - fault.skip() < fault.count();
  }
}

package dev.kmemu.emulator.fault;

/** Counts the occasions of one fault. From any thread. */
final class FaultTrigger {

  private final DeviceFault fault;
  private long occasions;

  /** Creates one for which {@code occasions} have been already. */
  FaultTrigger(DeviceFault fault, long occasions) {
    this.fault = fault;
    this.occasions = occasions;
  }

  DeviceFault fault() {
    return fault;
  }

  synchronized long occasions() {
    return occasions;
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

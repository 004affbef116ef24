package dev.kmemu.emulator.fault;

import dev.kmemu.emulator.device.RegisterFaults;

/** A fault of a device's registers. */
public final class FaultyRegisters implements RegisterFaults {

  private final FaultTrigger trigger;

  /**
   * Prepares a fault.
   *
   * @throws IllegalArgumentException when it isn't one of registers
   */
  public FaultyRegisters(DeviceFault fault) {
    if (!fault.kind().isOfRegisters()) {
      throw new IllegalArgumentException(fault.kind().id() + " is no fault of registers");
    }
    trigger = new FaultTrigger(fault);
  }

  @Override
  public boolean dropsRead(long at) {
    return trigger.strikes(FaultKind.DROP_READ, at);
  }

  @Override
  public long read(long at, long value) {
    if (trigger.strikes(FaultKind.FLIP_READ, at)) {
      return value ^ trigger.fault().mask();
    }
    return trigger.strikes(FaultKind.SET_READ, at) ? value | trigger.fault().mask() : value;
  }

  @Override
  public boolean swallowsWrite(long at) {
    return trigger.strikes(FaultKind.SWALLOW_WRITE, at);
  }
}

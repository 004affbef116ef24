package dev.kmemu.emulator.fault;

import dev.kmemu.emulator.device.RegisterFaults;

/** Faults of a device's registers. */
public final class FaultyRegisters implements RegisterFaults {

  private final FaultSite site;

  /**
   * Prepares a fault.
   *
   * @throws IllegalArgumentException when it isn't one of registers
   */
  public FaultyRegisters(DeviceFault fault) {
    this(new FaultSite(fault));
    if (!fault.kind().isOfRegisters()) {
      throw new IllegalArgumentException(fault.kind().id() + " is no fault of registers");
    }
  }

  /** Prepares the faults that {@code site} has at each moment. */
  public FaultyRegisters(FaultSite site) {
    this.site = site;
  }

  @Override
  public boolean dropsRead(long at) {
    return site.strikes(FaultKind.DROP_READ, at);
  }

  @Override
  public long read(long at, long value) {
    return site.changed(at, value);
  }

  @Override
  public boolean swallowsWrite(long at) {
    return site.strikes(FaultKind.SWALLOW_WRITE, at);
  }
}

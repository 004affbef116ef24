package dev.kmemu.emulator.pc;

import dev.kmemu.emulator.fault.DeviceFault;
import dev.kmemu.emulator.fault.FaultSite;
import dev.kmemu.emulator.machine.Machine;
import java.util.List;
import java.util.Optional;

/**
 * Lets a PC's devices misbehave while it runs. What was injected, and how far it is, belongs to
 * snapshots. From any thread; a running CPU is held for a moment.
 */
public final class PcFaultInjection {

  private final Machine machine;
  private final PcFaults faults;

  PcFaultInjection(Machine machine, PcFaults faults) {
    this.machine = machine;
    this.faults = faults;
  }

  /**
   * Lets a device misbehave from now on.
   *
   * @throws IllegalArgumentException when there is no such device, or it has no such register
   */
  public void add(DeviceFault fault) {
    Optional<String> refusal = machine.onCpu(cpu -> refusal(fault));
    if (refusal.isPresent()) {
      throw new IllegalArgumentException(refusal.get());
    }
    machine.changedFromOutside();
  }

  /** The CPU's thread isn't to end by an exception that is its caller's. */
  private Optional<String> refusal(DeviceFault fault) {
    try {
      faults.add(fault);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Returns the faults that there are, and how many occasions each has had. */
  public List<FaultSite.Progress> list() {
    return machine.onCpu(cpu -> faults.list());
  }

  /**
   * Takes all faults of a device away.
   *
   * @return false when it has none
   */
  public boolean clear(String device) {
    boolean cleared = machine.onCpu(cpu -> faults.clear(device));
    machine.changedFromOutside();
    return cleared;
  }
}

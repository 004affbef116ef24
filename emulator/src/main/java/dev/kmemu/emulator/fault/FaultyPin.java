package dev.kmemu.emulator.fault;

import dev.kmemu.emulator.device.InterruptPin;

/** An interrupt line on which interrupts are lost, or come twice. */
public final class FaultyPin implements InterruptPin {

  private final InterruptPin pin;
  private final FaultTrigger trigger;
  private boolean high;
  private boolean lost;
  private boolean repeats;

  /**
   * Puts a fault in front of {@code pin}.
   *
   * @throws IllegalArgumentException when it isn't one of interrupts
   */
  public FaultyPin(InterruptPin pin, DeviceFault fault) {
    if (!fault.kind().isOfInterrupts()) {
      throw new IllegalArgumentException(fault.kind().id() + " is no fault of an interrupt line");
    }
    this.pin = pin;
    trigger = new FaultTrigger(fault);
  }

  @Override
  public synchronized void set(boolean wanted) {
    if (wanted && !high) {
      lost = trigger.strikes(FaultKind.LOSE_INTERRUPT, DeviceFault.ANYWHERE);
      repeats = trigger.strikes(FaultKind.REPEAT_INTERRUPT, DeviceFault.ANYWHERE);
    }
    boolean fell = high && !wanted;
    high = wanted;
    pin.set(wanted && !lost);
    if (fell && repeats) {
      repeats = false;
      pin.pulse();
    }
  }
}

package dev.kmemu.emulator.fault;

import dev.kmemu.emulator.device.InterruptPin;

/** An interrupt line on which interrupts are lost, or come twice. */
public final class FaultyPin implements InterruptPin {

  private static final int HIGH = 1;
  private static final int LOST = 2;
  private static final int REPEATS = 4;

  private final InterruptPin pin;
  private final FaultSite site;
  private volatile boolean high;
  private volatile boolean lost;
  private volatile boolean repeats;

  /**
   * Puts a fault in front of {@code pin}.
   *
   * @throws IllegalArgumentException when it isn't one of interrupts
   */
  public FaultyPin(InterruptPin pin, DeviceFault fault) {
    this(pin, new FaultSite(fault));
    if (!fault.kind().isOfInterrupts()) {
      throw new IllegalArgumentException(fault.kind().id() + " is no fault of an interrupt line");
    }
  }

  /** Puts the faults that {@code site} has at each moment in front of {@code pin}. */
  public FaultyPin(InterruptPin pin, FaultSite site) {
    this.pin = pin;
    this.site = site;
  }

  @Override
  public void set(boolean wanted) {
    if (site.isQuiet() && !lost && !repeats) {
      high = wanted;
      pin.set(wanted);
    } else {
      setFaulty(wanted);
    }
  }

  private synchronized void setFaulty(boolean wanted) {
    if (wanted && !high) {
      lost = site.strikes(FaultKind.LOSE_INTERRUPT, DeviceFault.ANYWHERE);
      repeats = site.strikes(FaultKind.REPEAT_INTERRUPT, DeviceFault.ANYWHERE);
    }
    boolean fell = high && !wanted;
    high = wanted;
    pin.set(wanted && !lost);
    lost &= wanted;
    if (fell && repeats) {
      repeats = false;
      pin.pulse();
    }
  }

  /** Returns the level, and what is to come of it. */
  public synchronized int save() {
    return (high ? HIGH : 0) | (lost ? LOST : 0) | (repeats ? REPEATS : 0);
  }

  /** Goes back to what {@link #save} returned; the pin behind it does so by itself. */
  public synchronized void restore(int state) {
    high = (state & HIGH) != 0;
    lost = (state & LOST) != 0;
    repeats = (state & REPEATS) != 0;
  }
}

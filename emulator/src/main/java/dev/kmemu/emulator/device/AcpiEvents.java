package dev.kmemu.emulator.device;

import dev.kmemu.emulator.time.GuestClock;

/**
 * The PM1a event block with its power button, and the power management timer (ACPI 6.5, 4.8.3). The
 * timer counts and raises nothing. On the CPU's thread.
 */
public final class AcpiEvents extends DeviceState implements PortDevice {

  /** The status register; the enable register follows. */
  public static final int EVENTS = 0x600;

  /** The timer. */
  public static final int TIMER = 0x608;

  /** Counts per second of the timer. */
  public static final long TIMER_HERTZ = 3_579_545;

  private static final int BYTES = 4;
  private static final int ENABLE_REGISTER = 0xFFFF_0000;

  /** PWRBTN_STS; the enable bit has the same place in the other register. */
  private static final int BUTTON = 1 << 8;

  private static final long NANOS = 1_000_000_000;

  private final GuestClock clock;
  private final InterruptPin pin;
  private int registers;

  /**
   * Creates both.
   *
   * @param pin the system control interrupt, a level
   */
  public AcpiEvents(GuestClock clock, InterruptPin pin) {
    super("acpi-events");
    this.clock = clock;
    this.pin = pin;
  }

  /** Presses the power button for a moment; a guest that wants to hear of it does. */
  public void pressPowerButton() {
    registers |= BUTTON;
    drive();
  }

  private void drive() {
    pin.set((registers & registers >>> Short.SIZE & BUTTON) != 0);
  }

  /** Puts them into the port space. */
  public void attachTo(PortSpace ports) {
    ports.attach(EVENTS, BYTES, this);
    ports.attach(TIMER, BYTES, this);
  }

  @Override
  public int read(int port, int size) {
    int register = port >= TIMER ? count() : registers;
    return register >>> ((port & (BYTES - 1)) * Byte.SIZE);
  }

  private int count() {
    long nanos = clock.nanos();
    return (int) (nanos / NANOS * TIMER_HERTZ + nanos % NANOS * TIMER_HERTZ / NANOS);
  }

  /** A status bit is cleared by a one. */
  @Override
  public boolean write(int port, int size, int value) {
    if (port < TIMER) {
      int shift = (port - EVENTS) * Byte.SIZE;
      int mask = (-1 >>> (Integer.SIZE - size * Byte.SIZE)) << shift;
      int written = (value << shift) & mask;
      int enabled = ((registers & ~mask) | written) & ENABLE_REGISTER;
      registers = enabled | (registers & BUTTON & ~written);
      drive();
    }
    return true;
  }

  @Override
  protected long[] save() {
    return new long[] {registers};
  }

  @Override
  protected void restore(long[] state) {
    registers = (int) state[0] & (ENABLE_REGISTER | BUTTON);
  }
}

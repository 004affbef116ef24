package dev.kmemu.emulator.device;

import dev.kmemu.emulator.time.GuestClock;

/**
 * The PM1a event block, in which nothing ever happens, and the power management timer (ACPI 6.5,
 * 4.8.3). The timer counts and raises nothing. On the CPU's thread.
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
  private static final long NANOS = 1_000_000_000;

  private final GuestClock clock;
  private int registers;

  /** Creates both. */
  public AcpiEvents(GuestClock clock) {
    super("acpi-events");
    this.clock = clock;
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

  /** A status bit is cleared by a one, and none is ever set. */
  @Override
  public boolean write(int port, int size, int value) {
    if (port < TIMER) {
      int shift = (port - EVENTS) * Byte.SIZE;
      int mask = (-1 >>> (Integer.SIZE - size * Byte.SIZE)) << shift;
      registers = ((registers & ~mask) | ((value << shift) & mask)) & ENABLE_REGISTER;
    }
    return true;
  }

  @Override
  protected long[] save() {
    return new long[] {registers};
  }

  @Override
  protected void restore(long[] state) {
    registers = (int) state[0] & ENABLE_REGISTER;
  }
}

package dev.kmemu.emulator.device;

/**
 * The two ports of a PC's chipset that reset it: RST_CNT at 0xCF9 (Intel ICH9 data sheet, 13.7.5)
 * and system control port A at 0x92 (13.7.3), which also gates A20. A20 is always open here.
 */
public final class ResetControl extends DeviceState implements PortDevice {

  /** RST_CNT. */
  public static final int RESET_CONTROL = 0xCF9;

  /** System control port A. */
  public static final int PORT_A = 0x92;

  private static final int SYSTEM_RESET = 2;
  private static final int RESET_CPU = 4;
  private static final int FULL_RESET = 8;
  private static final int FAST_RESET = 1;
  private static final int A20 = 2;

  private final PowerSwitch power;
  private int resetControl;
  private int portA = A20;

  /** Creates the ports. */
  public ResetControl(PowerSwitch power) {
    super("reset-control");
    this.power = power;
  }

  /** Puts them into the port space. */
  public void attachTo(PortSpace ports) {
    ports.attach(RESET_CONTROL, 1, this);
    ports.attach(PORT_A, 1, this);
  }

  @Override
  public int read(int port, int size) {
    return port == PORT_A ? portA : resetControl;
  }

  /** Either port resets when its reset bit goes from 0 to 1. */
  @Override
  public boolean write(int port, int size, int value) {
    if (port == PORT_A) {
      boolean rises = (value & ~portA & FAST_RESET) != 0;
      portA = value & 0xFF;
      return !rises || power.reset();
    }
    boolean rises = (value & ~resetControl & RESET_CPU) != 0;
    resetControl = value & (SYSTEM_RESET | RESET_CPU | FULL_RESET);
    return !rises || power.reset();
  }

  @Override
  protected long[] save() {
    return new long[] {resetControl, portA};
  }

  @Override
  protected void restore(long[] state) {
    resetControl = (int) state[0] & (SYSTEM_RESET | RESET_CPU | FULL_RESET);
    portA = (int) state[1] & 0xFF;
  }
}

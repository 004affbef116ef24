package dev.kmemu.emulator.device;

/**
 * The PM1a control register, by which a guest switches the machine off (ACPI, 4.8.3.2.1), where
 * QEMU's machines have it. SLP_TYP 0 is S5 there; other sleep states don't exist.
 */
public final class PowerControl extends DeviceState implements PortDevice {

  /** The register on QEMU's q35. */
  public static final int PM1A_CONTROL = 0x604;

  /** The same on QEMU's oldest machines and on Bochs. */
  public static final int PM1A_CONTROL_OLD = 0xB004;

  private static final int BYTES = 2;
  private static final int SCI_ENABLED = 1;
  private static final int SLEEP_TYPE = 7 << 10;
  private static final int SLEEP_ENABLE = 1 << 13;

  private final PowerSwitch power;
  private int control = SCI_ENABLED;

  /** Creates the register. */
  public PowerControl(PowerSwitch power) {
    super("power-control");
    this.power = power;
  }

  /** Puts the register behind its ports. */
  public void attachTo(PortSpace ports) {
    ports.attach(PM1A_CONTROL, BYTES, this);
    ports.attach(PM1A_CONTROL_OLD, BYTES, this);
  }

  @Override
  public int read(int port, int size) {
    return isHigh(port) ? control >> 8 : control;
  }

  @Override
  public boolean write(int port, int size, int value) {
    int octet = value & 0xFF;
    if (isHigh(port)) {
      control = (control & 0xFF) | octet << 8;
    } else {
      control = size == 1 ? (control & 0xFF00) | octet : value & 0xFFFF;
    }
    boolean sleeps = (control & SLEEP_ENABLE) != 0;
    boolean off = (control & SLEEP_TYPE) == 0;
    // SLP_EN reads as 0; SCI_EN is the hardware's.
    control = (control & ~SLEEP_ENABLE) | SCI_ENABLED;
    return !sleeps || !off || power.powerOff();
  }

  private static boolean isHigh(int port) {
    return (port & 1) != 0;
  }

  @Override
  protected long[] save() {
    return new long[] {control};
  }

  @Override
  protected void restore(long[] state) {
    control = ((int) state[0] & 0xFFFF & ~SLEEP_ENABLE) | SCI_ENABLED;
  }
}

package dev.kmemu.emulator.device;

/**
 * Port 0x80: firmware shows its progress there, and kernels write to it to let a moment pass. Reads
 * give the last value.
 */
public final class PostCode extends DeviceState implements PortDevice {

  /** The port. */
  public static final int PORT = 0x80;

  private int code;

  /** Creates the port. */
  public PostCode() {
    super("post-code");
  }

  @Override
  public int read(int port, int size) {
    return code;
  }

  @Override
  public boolean write(int port, int size, int value) {
    code = value & 0xFF;
    return true;
  }

  @Override
  protected long[] save() {
    return new long[] {code};
  }

  @Override
  protected void restore(long[] state) {
    code = (int) state[0] & 0xFF;
  }
}

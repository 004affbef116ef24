package dev.kmemu.emulator.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * QEMU's firmware configuration device by its selector and data ports (QEMU, docs/specs/fw_cfg), as
 * far as kernels for tests ask it: signature, RAM, CPUs, and a directory without files. No DMA.
 */
public final class FirmwareConfig extends DeviceState implements PortDevice {

  /** The selector, 16 bits; the data port, 8 bits, follows. */
  public static final int PORTS = 0x510;

  private static final int SIGNATURE = 0x00;
  private static final int ID = 0x01;
  private static final int RAM_SIZE = 0x03;
  private static final int CPUS = 0x05;
  private static final int MOST_CPUS = 0x0F;
  private static final int DIRECTORY = 0x19;
  private static final int TRADITIONAL = 1;

  /** What an item's number may have beside: written items, and those of an architecture. */
  private static final int ITEM = 0x3FFF;

  private final long ramBytes;
  private int selected;
  private int offset;

  /** Creates the device of a machine with one CPU. */
  public FirmwareConfig(long ramBytes) {
    super("firmware-config");
    this.ramBytes = ramBytes;
  }

  /** Puts it behind its ports. */
  public void attachTo(PortSpace ports) {
    ports.attach(PORTS, 2, this);
  }

  /** Gives the next byte of the item that is selected, 0 behind its end. */
  @Override
  public int read(int port, int size) {
    if (port == PORTS) {
      return -1;
    }
    byte[] item = item();
    return offset < item.length ? item[offset++] & 0xFF : 0;
  }

  @Override
  public boolean write(int port, int size, int value) {
    if (port == PORTS) {
      selected = size == 1 ? value & 0xFF : value & 0xFFFF;
      offset = 0;
    }
    return true;
  }

  private byte[] item() {
    return switch (selected & ITEM) {
      case SIGNATURE -> "QEMU".getBytes(StandardCharsets.US_ASCII);
      case ID -> little(Integer.BYTES, TRADITIONAL);
      case RAM_SIZE -> little(Long.BYTES, ramBytes);
      case CPUS, MOST_CPUS -> little(Short.BYTES, 1);
      case DIRECTORY -> new byte[Integer.BYTES];
      default -> new byte[0];
    };
  }

  private static byte[] little(int bytes, long value) {
    byte[] all = new byte[Long.BYTES];
    ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value);
    return Arrays.copyOf(all, bytes);
  }

  @Override
  protected long[] save() {
    return new long[] {selected, offset};
  }

  @Override
  protected void restore(long[] state) {
    selected = (int) state[0] & 0xFFFF;
    offset = (int) Math.max(0, Math.min(Long.BYTES, state[1]));
  }
}

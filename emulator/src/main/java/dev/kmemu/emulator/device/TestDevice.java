package dev.kmemu.emulator.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntFunction;

/**
 * What test suites for CPUs expect, as QEMU's {@code pc-testdev} has it: a latch of 4 ports, 64 KiB
 * of memory that isn't RAM, and a port for each line of the I/O APIC.
 */
public final class TestDevice extends DeviceState implements PortDevice {

  /** The first port of the latch. */
  public static final int LATCH = 0xE0;

  /** How many ports the latch has. */
  public static final int LATCH_BYTES = 4;

  /** The port of line 0, which is driven high by a value that isn't 0. */
  public static final int LINES = 0x2000;

  /** How many lines there are. */
  public static final int LINE_COUNT = 24;

  /** Where the memory is. */
  public static final long MEMORY = 0xFF00_0000L;

  /** How much of it there is. */
  public static final int MEMORY_BYTES = 0x1_0000;

  private final IntFunction<InterruptPin> lines;
  private final ByteBuffer memory =
      ByteBuffer.allocate(MEMORY_BYTES + LATCH_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /** Creates the device; {@code lines} tells the pin of each line. */
  public TestDevice(IntFunction<InterruptPin> lines) {
    super("test-device");
    this.lines = lines;
  }

  /** Puts its ports where they belong. */
  public void attachTo(PortSpace ports) {
    ports.attach(LATCH, LATCH_BYTES, this);
    ports.attach(LINES, LINE_COUNT, this);
  }

  @Override
  public int read(int port, int size) {
    return port < LINES ? (int) load(MEMORY_BYTES + port - LATCH, size) : 0;
  }

  @Override
  public boolean write(int port, int size, int value) {
    if (port < LINES) {
      return store(MEMORY_BYTES + port - LATCH, size, value);
    }
    lines.apply(port - LINES).set(value != 0);
    return true;
  }

  /** Returns the memory, which belongs at {@link #MEMORY}. */
  public MmioDevice memory() {
    return new MmioDevice() {
      @Override
      public long read(int offset, int size) {
        return load(offset, size);
      }

      @Override
      public boolean write(int offset, int size, long value) {
        return store(offset, size, value);
      }
    };
  }

  private long load(int at, int size) {
    long value = 0;
    for (int i = Math.min(size, memory.capacity() - at) - 1; i >= 0; i--) {
      value = value << Byte.SIZE | (memory.get(at + i) & 0xFF);
    }
    return value;
  }

  private boolean store(int at, int size, long value) {
    for (int i = 0; i < Math.min(size, memory.capacity() - at); i++) {
      memory.put(at + i, (byte) (value >>> (i * Byte.SIZE)));
    }
    return true;
  }

  @Override
  protected long[] save() {
    long[] state = new long[MEMORY_BYTES / Long.BYTES + 1];
    for (int i = 0; i < MEMORY_BYTES / Long.BYTES; i++) {
      state[i] = memory.getLong(i * Long.BYTES);
    }
    state[MEMORY_BYTES / Long.BYTES] = memory.getInt(MEMORY_BYTES);
    return state;
  }

  @Override
  protected void restore(long[] state) {
    for (int i = 0; i < MEMORY_BYTES / Long.BYTES; i++) {
      memory.putLong(i * Long.BYTES, state[i]);
    }
    memory.putInt(MEMORY_BYTES, (int) state[MEMORY_BYTES / Long.BYTES]);
  }
}

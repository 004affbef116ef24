package dev.kmemu.emulator.device;

import dev.kmemu.emulator.cpu.PortBus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The 65536 I/O ports, each with at most one device behind it. Ports without a device read as all
 * ones and swallow writes.
 */
public final class PortSpace implements PortBus {

  private static final int PORTS = 1 << 16;

  private final PortDevice[] devices = new PortDevice[PORTS];
  private long accesses;

  /** Creates a space without devices. */
  public PortSpace() {
    Arrays.fill(devices, NoDevice.INSTANCE);
  }

  /**
   * Puts {@code device} behind {@code count} ports from {@code first}, before the CPU runs.
   *
   * @throws IllegalArgumentException when a port doesn't exist or is taken
   */
  public void attach(int first, int count, PortDevice device) {
    if (first < 0 || count < 1 || first > PORTS - count) {
      throw new IllegalArgumentException(
          String.format("ports 0x%x+%d are outside 0..0xffff", first, count));
    }
    for (int port = first; port < first + count; port++) {
      if (devices[port] != NoDevice.INSTANCE) {
        throw new IllegalArgumentException(String.format("port 0x%x is taken", port));
      }
    }
    Arrays.fill(devices, first, first + count, device);
  }

  /** Returns the devices, each once, in the order of their ports. */
  public List<PortDevice> devices() {
    return Arrays.stream(devices)
        .filter(d -> d != NoDevice.INSTANCE)
        .map(PortSpace::itself)
        .distinct()
        .toList();
  }

  private static PortDevice itself(PortDevice device) {
    PortDevice inner = device;
    while (inner instanceof FaultyPorts faulty) {
      inner = faulty.device();
    }
    return inner;
  }

  /** Returns where {@code device} is, in the order of its ports; empty when it is nowhere. */
  public List<RegisterRange> ranges(PortDevice device) {
    List<RegisterRange> ranges = new ArrayList<>();
    int first = -1;
    for (int port = 0; port <= PORTS; port++) {
      boolean inside = port < PORTS && itself(devices[port]) == device;
      if (inside && first < 0) {
        first = port;
      } else if (!inside && first >= 0) {
        ranges.add(new RegisterRange("port", first, port - 1));
        first = -1;
      }
    }
    return ranges;
  }

  /** Puts {@code faults} in front of {@code device}, before the CPU runs. */
  public void interpose(PortDevice device, RegisterFaults faults) {
    for (int port = 0; port < PORTS; port++) {
      if (itself(devices[port]) == device) {
        devices[port] = new FaultyPorts(devices[port], faults);
      }
    }
  }

  /** Returns how often the CPU has read or written a port. On the CPU's thread. */
  public long accesses() {
    return accesses;
  }

  @Override
  public int read(int port, int size) {
    accesses++;
    return devices[port].read(port, size);
  }

  @Override
  public boolean write(int port, int size, int value) {
    accesses++;
    return devices[port].write(port, size, value);
  }

  private enum NoDevice implements PortDevice {
    INSTANCE;

    @Override
    public int read(int port, int size) {
      return -1;
    }

    @Override
    public boolean write(int port, int size, int value) {
      return true;
    }
  }
}

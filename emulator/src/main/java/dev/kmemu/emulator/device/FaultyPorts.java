package dev.kmemu.emulator.device;

/** A device behind ports that misbehaves. */
record FaultyPorts(PortDevice device, RegisterFaults faults) implements PortDevice {

  @Override
  public int read(int port, int size) {
    return faults.dropsRead(port) ? -1 : (int) faults.read(port, device.read(port, size));
  }

  @Override
  public boolean write(int port, int size, int value) {
    return faults.swallowsWrite(port) || device.write(port, size, value);
  }
}

package dev.kmemu.emulator.device;

/** A device behind addresses that misbehaves. */
record FaultyMemory(MmioDevice device, RegisterFaults faults) implements MmioDevice {

  @Override
  public long read(int offset, int size) {
    return faults.dropsRead(offset) ? -1 : faults.read(offset, device.read(offset, size));
  }

  @Override
  public boolean write(int offset, int size, long value) {
    return faults.swallowsWrite(offset) || device.write(offset, size, value);
  }
}

package dev.kmemu.emulator.device;

import dev.kmemu.emulator.cpu.MmioBus;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The guest-physical addresses that aren't RAM, with a few devices among them. Addresses without a
 * device read as all ones and swallow writes; so does an access across the end of a device.
 */
public final class MmioSpace implements MmioBus {

  private record Region(long first, int bytes, MmioDevice device) {}

  private final PhysicalMemory ram;
  private Region[] regions = {};

  /** Creates a space without devices beside {@code ram}. */
  public MmioSpace(PhysicalMemory ram) {
    this.ram = ram;
  }

  /**
   * Puts {@code device} behind {@code bytes} addresses from {@code first}, before the CPU runs.
   *
   * @throws IllegalArgumentException when an address is RAM or is taken
   */
  public void attach(PhysicalAddress first, int bytes, MmioDevice device) {
    long start = first.value();
    if (bytes < 1) {
      throw new IllegalArgumentException("a device of " + bytes + " bytes: must be at least 1");
    }
    if (ram.overlaps(start, bytes)) {
      throw new IllegalArgumentException(String.format("addresses %s+0x%x are RAM", first, bytes));
    }
    for (Region region : regions) {
      if (start < region.first + region.bytes && region.first < start + bytes) {
        throw new IllegalArgumentException(
            String.format(
                "addresses %s+0x%x are taken: a device is at 0x%x+0x%x",
                first, bytes, region.first, region.bytes));
      }
    }
    Region[] more = Arrays.copyOf(regions, regions.length + 1);
    more[regions.length] = new Region(start, bytes, device);
    regions = more;
  }

  /** Returns the devices, each once, in the order in which they were attached. */
  public List<MmioDevice> devices() {
    List<MmioDevice> devices = new ArrayList<>();
    for (Region region : regions) {
      MmioDevice device = itself(region.device);
      if (!devices.contains(device)) {
        devices.add(device);
      }
    }
    return devices;
  }

  private static MmioDevice itself(MmioDevice device) {
    MmioDevice inner = device;
    while (inner instanceof FaultyMemory faulty) {
      inner = faulty.device();
    }
    return inner;
  }

  /**
   * Returns the offsets that {@code device} has, for each of its places; empty when it has none.
   */
  public List<RegisterRange> ranges(MmioDevice device) {
    return Arrays.stream(regions)
        .filter(region -> itself(region.device) == device)
        .map(region -> new RegisterRange("offset", 0, region.bytes - 1))
        .toList();
  }

  /** Puts {@code faults} in front of {@code device}, before the CPU runs. */
  public void interpose(MmioDevice device, RegisterFaults faults) {
    for (int i = 0; i < regions.length; i++) {
      Region region = regions[i];
      if (itself(region.device) == device) {
        MmioDevice faulty = new FaultyMemory(region.device, faults);
        regions[i] = new Region(region.first, region.bytes, faulty);
      }
    }
  }

  @Override
  public long read(long address, int size) {
    for (Region region : regions) {
      long offset = address - region.first;
      if (offset >= 0 && offset <= region.bytes - size) {
        return region.device.read((int) offset, size);
      }
    }
    return -1;
  }

  @Override
  public boolean write(long address, int size, long value) {
    for (Region region : regions) {
      long offset = address - region.first;
      if (offset >= 0 && offset <= region.bytes - size) {
        return region.device.write((int) offset, size, value);
      }
    }
    return true;
  }
}

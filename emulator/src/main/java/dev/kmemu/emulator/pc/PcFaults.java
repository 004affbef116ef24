package dev.kmemu.emulator.pc;

import dev.kmemu.emulator.device.InterruptPin;
import dev.kmemu.emulator.device.MmioDevice;
import dev.kmemu.emulator.device.PicPair;
import dev.kmemu.emulator.device.PortDevice;
import dev.kmemu.emulator.fault.DeviceFault;
import dev.kmemu.emulator.fault.FaultKind;
import dev.kmemu.emulator.fault.FaultyDisk;
import dev.kmemu.emulator.fault.FaultyPin;
import dev.kmemu.emulator.fault.FaultyRegisters;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.snapshot.Snapshotable;
import dev.kmemu.emulator.virtio.DiskImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where the faults of a PC's devices are put. Registers are those of a device by the name that
 * snapshots have for it, interrupts those of a line ({@code irq0} to {@code irq15}), disks {@code
 * disk0} and so on.
 */
final class PcFaults {

  private static final String LINE = "irq";
  private static final String DISK = "disk";
  private static final String PART = "device.";

  private final List<DeviceFault> faults;

  PcFaults(List<DeviceFault> faults) {
    this.faults = faults;
  }

  /** Returns a line with its faults. */
  InterruptPin line(int number, InterruptPin pin) {
    InterruptPin faulty = pin;
    for (DeviceFault fault : faults) {
      if (fault.device().equals(LINE + number)) {
        faulty = new FaultyPin(faulty, fault);
      }
    }
    return faulty;
  }

  /** Returns a disk with its faults. */
  DiskImage disk(int number, DiskImage disk) {
    DiskImage faulty = disk;
    for (DeviceFault fault : faults) {
      if (fault.device().equals(DISK + number)) {
        faulty = new FaultyDisk(faulty, fault);
      }
    }
    return faulty;
  }

  /**
   * Puts the faults of registers in front of the devices.
   *
   * @throws IllegalArgumentException when there is no such device
   */
  void install(Machine machine, int disks) {
    for (DeviceFault fault : faults) {
      boolean isDisk = fault.kind() == FaultKind.FAIL_READ || fault.kind() == FaultKind.FAIL_WRITE;
      boolean isLine =
          fault.kind() == FaultKind.LOSE_INTERRUPT || fault.kind() == FaultKind.REPEAT_INTERRUPT;
      if (isDisk) {
        require(fault, numbered(DISK, disks));
      } else if (isLine) {
        require(fault, numbered(LINE, PicPair.LINES));
      } else {
        installRegisters(machine, fault);
      }
    }
  }

  private static void installRegisters(Machine machine, DeviceFault fault) {
    FaultyRegisters registers = new FaultyRegisters(fault);
    Set<String> names = new TreeSet<>();
    for (PortDevice device : machine.ports().devices()) {
      if (isNamed(device, fault.device(), names)) {
        machine.ports().interpose(device, registers);
      }
    }
    for (MmioDevice device : machine.mmio().devices()) {
      if (isNamed(device, fault.device(), names)) {
        machine.mmio().interpose(device, registers);
      }
    }
    require(fault, List.copyOf(names));
  }

  private static boolean isNamed(Object device, String wanted, Set<String> names) {
    if (!(device instanceof Snapshotable part)) {
      return false;
    }
    String name = part.snapshotName();
    String own = name.startsWith(PART) ? name.substring(PART.length()) : name;
    names.add(own);
    return own.equals(wanted);
  }

  private static List<String> numbered(String name, int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(name + i);
    }
    return names;
  }

  private static void require(DeviceFault fault, List<String> names) {
    if (!names.contains(fault.device())) {
      throw new IllegalArgumentException(
          String.format(
              "there is no '%s' that %s could be of (there are %s)",
              fault.device(),
              fault.kind().id(),
              names.isEmpty() ? "no disks" : String.join(", ", names)));
    }
  }
}

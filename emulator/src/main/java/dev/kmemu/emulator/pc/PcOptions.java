package dev.kmemu.emulator.pc;

import dev.kmemu.emulator.cpu.ExitProfile;
import dev.kmemu.emulator.fault.DeviceFault;
import dev.kmemu.emulator.machine.MachineOptions;
import dev.kmemu.emulator.model.CpuFeature;
import dev.kmemu.emulator.model.CpuModel;
import dev.kmemu.emulator.time.TimeMode;
import dev.kmemu.emulator.virtio.DiskImage;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a PC may be told beside its size.
 *
 * @param machine the machine's own options
 * @param began what its clock shows at the beginning
 * @param serial takes each character that COM1 transmits, 0 to 255, on the CPU's thread
 * @param debugConsole takes each character written to port 0xE9, the same way
 * @param devices which of the devices that a PC may lack it has
 * @param disks its virtio disks
 * @param console takes each character written to its virtio console; null when it has none
 * @param faults what its devices do wrong
 */
public record PcOptions(
    MachineOptions machine,
    Instant began,
    IntConsumer serial,
    IntConsumer debugConsole,
    Set<PcDevice> devices,
    List<DiskImage> disks,
    @Nullable IntConsumer console,
    List<DeviceFault> faults) {

  /** Copies the collections. */
  public PcOptions {
    devices = Set.copyOf(devices);
    disks = List.copyOf(disks);
    faults = List.copyOf(faults);
  }

  /** When the clock begins whose time isn't the host's, so that runs repeat: 1 January 2024. */
  public static final Instant COUNTED_TIME_BEGINS = Instant.parse("2024-01-01T00:00:00Z");

  /**
   * The {@link MachineOptions#standard} machine at the host's time with all devices, whose output
   * goes nowhere.
   */
  public static PcOptions standard() {
    return new PcOptions(
        MachineOptions.standard(),
        Instant.now(),
        c -> {},
        c -> {},
        EnumSet.allOf(PcDevice.class),
        List.of(),
        null,
        List.of());
  }

  /** Returns the same with another kind of time, and the clock that belongs to it. */
  public PcOptions withTime(TimeMode mode) {
    Instant start = mode == TimeMode.INSTRUCTIONS ? COUNTED_TIME_BEGINS : began;
    return new PcOptions(
        machine.withTime(mode), start, serial, debugConsole, devices, disks, console, faults);
  }

  /** Returns the same with another processor; one that lacks APICs takes them off the PC. */
  public PcOptions withCpu(CpuModel model) {
    return new PcOptions(
        machine.withCpu(model), began, serial, debugConsole, devices, disks, console, faults);
  }

  /** Whether the PC has {@code device}. */
  boolean has(PcDevice device) {
    return devices.contains(device)
        && (device != PcDevice.APIC || machine.cpu().has(CpuFeature.APIC));
  }

  /** Returns the same with a profile of the CPU's exits. */
  public PcOptions withProfile(ExitProfile tallies) {
    return new PcOptions(
        machine.withProfile(tallies), began, serial, debugConsole, devices, disks, console, faults);
  }

  /** Returns the same with another end of the serial line. */
  public PcOptions withSerial(IntConsumer output) {
    return new PcOptions(machine, began, output, debugConsole, devices, disks, console, faults);
  }

  /** Returns the same with another debug console. */
  public PcOptions withDebugConsole(IntConsumer output) {
    return new PcOptions(machine, began, serial, output, devices, disks, console, faults);
  }

  /** Returns the same with other devices. */
  public PcOptions withDevices(Set<PcDevice> present) {
    return new PcOptions(machine, began, serial, debugConsole, present, disks, console, faults);
  }

  /** Returns the same with these disks. */
  public PcOptions withDisks(List<DiskImage> images) {
    return new PcOptions(machine, began, serial, debugConsole, devices, images, console, faults);
  }

  /** Returns the same with a virtio console. */
  public PcOptions withConsole(IntConsumer output) {
    return new PcOptions(machine, began, serial, debugConsole, devices, disks, output, faults);
  }

  /**
   * Returns the same with devices that misbehave: registers by a device's name in snapshots ({@code
   * uart-3f8}, {@code virtio-block-0}), interrupts by line ({@code irq4}), disks by number ({@code
   * disk0}).
   */
  public PcOptions withFaults(List<DeviceFault> list) {
    return new PcOptions(machine, began, serial, debugConsole, devices, disks, console, list);
  }
}

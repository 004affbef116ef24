package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuSnapshot;
import dev.kmemu.emulator.memory.PageRuns;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.RamImage;
import dev.kmemu.emulator.snapshot.Snapshotable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Takes and restores the snapshots of one machine, on its CPU's thread. */
final class MachineSnapshots {

  private final String engine;
  private final PhysicalMemory ram;
  private final Supplier<Stream<Object>> devices;
  private final VcpuThread vcpu;
  private final Runnable wasRestored;
  private final List<Snapshotable> added = new ArrayList<>();
  private boolean timeInHash = true;

  /**
   * Sets up a machine's snapshots.
   *
   * @param engine the CPU engine's name, for files
   * @param devices gives what hangs at the machine's buses; what is {@link Snapshotable} of it is a
   *     part, and may be there twice
   * @param wasRestored called after each restore, on the CPU's thread
   */
  MachineSnapshots(
      String engine,
      PhysicalMemory ram,
      Supplier<Stream<Object>> devices,
      VcpuThread vcpu,
      Runnable wasRestored) {
    this.engine = engine;
    this.ram = ram;
    this.devices = devices;
    this.vcpu = vcpu;
    this.wasRestored = wasRestored;
  }

  void add(Snapshotable part) {
    synchronized (added) {
      if (parts().containsKey(part.snapshotName())) {
        throw new IllegalArgumentException(
            "the machine has a part named " + part.snapshotName() + " already");
      }
      added.add(part);
    }
  }

  /** Sets whether guest time counts in the hash: not where it goes by the host's. */
  void setTimeInHash(boolean counts) {
    timeInHash = counts;
  }

  MachineSnapshot capture() {
    return onCpu(cpu -> take(cpu, true));
  }

  void restore(MachineSnapshot snapshot) {
    if (!snapshot.isOf(this)) {
      throw new IllegalArgumentException("the snapshot is one of another machine");
    }
    onCpu(
        cpu -> {
          RamImage image = snapshot.ram();
          snapshot.parts().values().forEach(Snapshotable.Captured::requireRestorable);
          PageRuns changed = ram.imaging().restore(image);
          cpu.snapshots().restore(snapshot.cpu());
          cpu.snapshots().ramChanged(changed);
          snapshot.parts().values().forEach(Snapshotable.Captured::restore);
          wasRestored.run();
          return cpu;
        });
  }

  void save(Path file) {
    try (MachineSnapshot snapshot = onCpu(cpu -> take(cpu, false))) {
      SnapshotFiles.write(file, engine, snapshot, parts());
    }
  }

  MachineSnapshot read(Path file) {
    return SnapshotFiles.read(
        file,
        ram,
        parts(),
        state -> vcpu.call(cpu -> cpu.snapshots().adopt(state)),
        (image, cpu, states) -> new MachineSnapshot(this, image, cpu, states));
  }

  String hash() {
    return onCpu(
        cpu -> {
          var states = captureParts();
          if (!timeInHash) {
            states.remove(ClockState.NAME);
          }
          return StateHash.of(ram, cpu.snapshots().capture().state(), states);
        });
  }

  private MachineSnapshot take(CpuEngine cpu, boolean toComeBackTo) {
    SortedMap<String, Snapshotable.Captured> states = captureParts();
    CpuSnapshot registers = cpu.snapshots().capture();
    RamImage image = toComeBackTo ? ram.imaging().capture() : ram.imaging().copy();
    return new MachineSnapshot(this, image, registers, states);
  }

  private SortedMap<String, Snapshotable.Captured> captureParts() {
    SortedMap<String, Snapshotable.Captured> states = new TreeMap<>();
    parts().forEach((name, part) -> states.put(name, part.capture()));
    return states;
  }

  private SortedMap<String, Snapshotable> parts() {
    SortedMap<String, Snapshotable> parts = new TreeMap<>();
    devices
        .get()
        .forEach(
            device -> {
              if (device instanceof Snapshotable part) {
                parts.put(part.snapshotName(), part);
              }
            });
    synchronized (added) {
      added.forEach(part -> parts.put(part.snapshotName(), part));
    }
    return parts;
  }

  private <T> T onCpu(Function<CpuEngine, T> task) {
    if (vcpu.isInRun()) {
      throw new IllegalStateException(
          "a trap or a device can't take or restore snapshots: the CPU is within an instruction");
    }
    return vcpu.call(task);
  }
}

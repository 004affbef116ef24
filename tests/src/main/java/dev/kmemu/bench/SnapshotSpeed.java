package dev.kmemu.bench;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.machine.MachineSnapshot;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.unicorn.AnonymousMapping;
import dev.kmemu.emulator.unicorn.Unicorn;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.KernelVmConfig;
import dev.kmemu.vm.snapshot.KernelVmSnapshot;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Going back to a snapshot: of a whole machine of 256 MiB with a kernel VM of which 1000 pages, far
 * apart, were written; and of a kernel VM of 64 MiB without a CPU that allocated 64 pages. CPU time
 * of the thread that restores, which the writing is off.
 */
record SnapshotSpeed() implements Benchmark {

  private static final long MIB = 1L << 20;
  private static final PhysicalAddress FIRST_FREE = new PhysicalAddress(2 * MIB);
  private static final int DIRTY_PAGES = 1000;
  private static final int DISTANCE = 61;
  private static final int ALLOCATIONS = 64;
  private static final int WARM_UPS = 30;

  @Override
  public String name() {
    return "snapshot";
  }

  @Override
  public List<BenchmarkResult> measure(Bench bench) {
    return List.of(
        machine(bench.unicorn(), bench.repetitions())
            .result("snapshot.restore", "ms", Target.valueAtMost(5)),
        kernelVm(bench.repetitions()).result("snapshot.vm", "ms", Target.valueAtMost(2)));
  }

  private static Median machine(Unicorn unicorn, int repetitions) {
    try (Machine machine = new Machine(unicorn, new RamSize(256 * MIB))) {
      KernelVm vm = new KernelVm(machine.ram(), machine.tlb(), KernelVmConfig.of(FIRST_FREE));
      machine.addSnapshotPart(vm.snapshots());
      try (MachineSnapshot snapshot = machine.snapshot()) {
        return measure(repetitions, () -> dirty(machine.ram()), () -> restore(machine, snapshot));
      }
    }
  }

  /** On the CPU's thread, where a restore is done anyway. */
  private static long restore(Machine machine, MachineSnapshot snapshot) {
    return machine.onCpu(
        cpu -> {
          long start = CpuTime.nanos();
          machine.restore(snapshot);
          return CpuTime.nanos() - start;
        });
  }

  private static long restore(KernelVmSnapshot snapshot) {
    long start = CpuTime.nanos();
    snapshot.restore();
    return CpuTime.nanos() - start;
  }

  private static void dirty(PhysicalMemory ram) {
    for (long i = 0; i < DIRTY_PAGES; i++) {
      ram.store64(new PhysicalAddress(4 * MIB + i * DISTANCE * VirtualAddress.PAGE_SIZE), -1);
    }
  }

  private static Median kernelVm(int repetitions) {
    try (PhysicalMemory ram = new PhysicalMemory(new AnonymousMapping(64 * MIB))) {
      KernelVm vm = new KernelVm(ram, TlbControl.none(), KernelVmConfig.of(FIRST_FREE));
      try (KernelVmSnapshot snapshot = KernelVmSnapshot.of(vm)) {
        return measure(repetitions, () -> allocate(vm), () -> restore(snapshot));
      }
    }
  }

  private static void allocate(KernelVm vm) {
    for (int i = 0; i < ALLOCATIONS; i++) {
      vm.kmem().alloc(vm.kernelMap(), VirtualAddress.PAGE_SIZE).orThrow();
    }
  }

  private static Median measure(int repetitions, Runnable change, LongSupplier restore) {
    for (int i = 0; i < WARM_UPS; i++) {
      change.run();
      long unused = restore.getAsLong();
    }
    return Median.of(
        repetitions,
        () -> {
          change.run();
          return restore.getAsLong() / 1e6;
        },
        null);
  }
}

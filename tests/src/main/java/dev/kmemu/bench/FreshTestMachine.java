package dev.kmemu.bench;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.testkit.guest.MachineConfiguration;
import dev.kmemu.testkit.guest.TestMachine;
import java.util.List;

/**
 * What a test pays for a machine as new, which every test of the testkit gets: a machine of 32 MiB
 * whose guest has touched 64 allocations goes back to its snapshot. CPU time of the CPU's thread.
 */
record FreshTestMachine() implements Benchmark {

  private static final int ALLOCATIONS = 64;
  private static final int WARM_UPS = 30;

  @Override
  public String name() {
    return "testkit.fresh";
  }

  @Override
  public List<BenchmarkResult> measure(Bench bench) {
    try (TestMachine machine = TestMachine.boot(bench.unicorn(), MachineConfiguration.standard())) {
      for (int i = 0; i < WARM_UPS; i++) {
        use(machine);
        double unused = reset(machine);
      }
      Median millis =
          Median.of(
              bench.repetitions(),
              () -> {
                use(machine);
                return reset(machine);
              },
              null);
      return List.of(millis.result(name(), "ms", Target.valueAtMost(2)));
    }
  }

  private static void use(TestMachine machine) {
    for (int i = 0; i < ALLOCATIONS; i++) {
      VirtualAddress kva =
          machine.vm().kmem().alloc(machine.vm().kernelMap(), VirtualAddress.PAGE_SIZE).orThrow();
      if (!machine.guest().store(kva, i).isCompleted()) {
        throw new BenchmarkException("the guest can't store to " + kva);
      }
    }
  }

  /** On the CPU's thread, where a restore is done anyway. */
  private static double reset(TestMachine machine) {
    return machine
        .machine()
        .onCpu(
            cpu -> {
              long start = CpuTime.nanos();
              machine.reset();
              return (CpuTime.nanos() - start) / 1e6;
            });
  }
}

package dev.kmemu.bench;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.unicorn.Unicorn;
import java.util.List;

/**
 * A new machine to the end of its first instruction: what every test that makes a machine pays.
 * kmemu's figure is the CPU time of both threads that take part.
 */
record FirstInstruction() implements Benchmark {

  private static final long AT = 0x1000;
  private static final int HLT = 0xF4;

  @Override
  public String name() {
    return "start";
  }

  @Override
  public List<BenchmarkResult> measure(Bench bench) {
    CFloor floor = bench.floor();
    millis(bench.unicorn());
    Median millis =
        Median.of(
            bench.repetitions(),
            () -> millis(bench.unicorn()),
            floor == null ? null : () -> floor.firstInstruction() / 1e6);
    return List.of(millis.result(name(), "ms", null));
  }

  private static double millis(Unicorn unicorn) {
    long start = CpuTime.nanos();
    try (Machine machine = new Machine(unicorn, new RamSize(GuestLayout.RAM_BYTES))) {
      machine.ram().store8(new PhysicalAddress(AT), HLT);
      long onCpuThread =
          machine.onCpu(
              cpu -> {
                cpu.registers().write(Register.RIP, AT);
                CpuExit exit;
                do {
                  exit = cpu.run();
                } while (exit == CpuExit.Stopped.INSTANCE);
                if (exit != CpuExit.Halted.INSTANCE) {
                  throw new BenchmarkException("a HLT ended with " + exit);
                }
                return CpuTime.nanos();
              });
      return (CpuTime.nanos() - start + onCpuThread) / 1e6;
    }
  }
}

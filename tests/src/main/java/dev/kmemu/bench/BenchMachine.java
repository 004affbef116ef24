package dev.kmemu.bench;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapVerdict;
import dev.kmemu.emulator.device.PortDevice;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.unicorn.Unicorn;

/** A whole machine with the kernels' layout. Runs are timed on the CPU's thread. */
final class BenchMachine implements AutoCloseable {

  private static final int PORT = 0x10;

  private final Machine machine;
  private final GuestLayout layout;
  private final GuestKernels kernels;
  private final CountingPort port = new CountingPort();
  private String placed = "";
  private long faults;

  BenchMachine(Unicorn unicorn, GuestKernels kernels) {
    this.kernels = kernels;
    machine = new Machine(unicorn, new RamSize(GuestLayout.RAM_BYTES));
    machine.ports().attach(PORT, 1, port);
    layout = new GuestLayout(machine.ram());
    machine.setHostKernel(
        frame -> {
          faults++;
          layout.mapFaultPage(frame.faultAddress());
          return TrapVerdict.Resume.INSTANCE;
        });
    machine.onCpu(
        cpu -> {
          GuestLayout.enterLongMode(cpu.registers());
          return cpu;
        });
  }

  /** Runs {@code kernel} over the data areas; the result is RAX. */
  GuestRun run(String kernel, long n) {
    place(kernel);
    return machine.onCpu(
        cpu -> {
          long nanos = timed(cpu, n, GuestLayout.AREA_A);
          return new GuestRun(nanos, cpu.registers().read(Register.RAX));
        });
  }

  /** Faults {@code pages} pages in, {@code rounds} times; the result is the number of faults. */
  GuestRun fault(String kernel, int pages, int rounds) {
    place(kernel);
    return machine.onCpu(
        cpu -> {
          faults = 0;
          long nanos = 0;
          for (int i = 0; i < rounds; i++) {
            layout.unmapFaultPages(pages);
            cpu.tlb().invalidateAll();
            nanos += timed(cpu, pages, GuestLayout.FAULT);
          }
          return new GuestRun(nanos, faults);
        });
  }

  /** Runs a kernel that writes to port 0x10; the result is the number of writes that arrived. */
  GuestRun out(String kernel, long n) {
    place(kernel);
    return machine.onCpu(
        cpu -> {
          port.writes = 0;
          return new GuestRun(timed(cpu, n, GuestLayout.AREA_A), port.writes);
        });
  }

  /** Runs {@code n} single steps; the result is RAX, 0 at the start. */
  GuestRun step(String kernel, int n) {
    place(kernel);
    return machine.onCpu(
        cpu -> {
          layout.prepare(cpu.registers(), 0, GuestLayout.AREA_A);
          cpu.registers().write(Register.RAX, 0);
          long start = CpuTime.nanos();
          for (int done = 0; done < n; ) {
            CpuExit exit = cpu.step();
            if (exit == CpuExit.Stepped.INSTANCE) {
              done++;
            } else if (exit != CpuExit.Stopped.INSTANCE) {
              throw ended(cpu, exit);
            }
          }
          return new GuestRun(CpuTime.nanos() - start, cpu.registers().read(Register.RAX));
        });
  }

  @Override
  public void close() {
    machine.close();
  }

  private void place(String kernel) {
    if (!kernel.equals(placed)) {
      layout.place(kernels.code(kernel));
      machine.onCpu(
          cpu -> {
            cpu.invalidateCode(
                new VirtualAddress(GuestLayout.CODE), GuestLayout.HLT - GuestLayout.CODE);
            return cpu;
          });
      placed = kernel;
    }
  }

  private long timed(CpuEngine cpu, long n, long areaA) {
    layout.prepare(cpu.registers(), n, areaA);
    long start = CpuTime.nanos();
    CpuExit exit;
    do {
      exit = cpu.run();
    } while (exit == CpuExit.Stopped.INSTANCE);
    long nanos = CpuTime.nanos() - start;
    if (exit != CpuExit.Halted.INSTANCE
        || cpu.registers().read(Register.RIP) != GuestLayout.HLT + 1) {
      throw ended(cpu, exit);
    }
    return nanos;
  }

  private BenchmarkException ended(CpuEngine cpu, CpuExit exit) {
    return new BenchmarkException(
        String.format(
            "kernel %s ended at RIP 0x%x instead of returning: %s",
            placed, cpu.registers().read(Register.RIP), exit));
  }

  private static final class CountingPort implements PortDevice {
    private long writes;

    @Override
    public boolean write(int port, int size, int value) {
      writes++;
      return true;
    }
  }
}

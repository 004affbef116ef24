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
  private final QuietCpu cpu;
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
        engine -> {
          GuestLayout.enterLongMode(engine.registers());
          return engine;
        });
    layout.place(new byte[0]);
    cpu = new QuietCpu(machine, new VirtualAddress(GuestLayout.HLT));
  }

  /** Runs {@code kernel} over the data areas; the result is RAX. */
  GuestRun run(String kernel, long n) {
    place(kernel);
    return cpu.call(
        engine -> {
          long nanos = timed(engine, n, GuestLayout.AREA_A);
          return new GuestRun(nanos, engine.registers().read(Register.RAX));
        });
  }

  /** Faults {@code pages} pages in, {@code rounds} times; the result is the number of faults. */
  GuestRun fault(String kernel, int pages, int rounds) {
    place(kernel);
    return cpu.call(
        engine -> {
          faults = 0;
          long nanos = 0;
          for (int i = 0; i < rounds; i++) {
            layout.unmapFaultPages(pages);
            engine.tlb().invalidateAll();
            nanos += timed(engine, pages, GuestLayout.FAULT);
          }
          return new GuestRun(nanos, faults);
        });
  }

  /** Runs a kernel that writes to port 0x10; the result is the number of writes that arrived. */
  GuestRun out(String kernel, long n) {
    place(kernel);
    return cpu.call(
        engine -> {
          port.writes = 0;
          return new GuestRun(timed(engine, n, GuestLayout.AREA_A), port.writes);
        });
  }

  /** Runs {@code n} single steps; the result is RAX, 0 at the start. */
  GuestRun step(String kernel, int n) {
    place(kernel);
    return cpu.call(
        engine -> {
          layout.prepare(engine.registers(), 0, GuestLayout.AREA_A);
          engine.registers().write(Register.RAX, 0);
          long start = CpuTime.nanos();
          for (int i = 0; i < n; i++) {
            CpuExit exit = engine.step();
            if (exit != CpuExit.Stepped.INSTANCE) {
              throw ended(engine, exit);
            }
          }
          return new GuestRun(CpuTime.nanos() - start, engine.registers().read(Register.RAX));
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
          engine -> {
            engine.invalidateCode(
                new VirtualAddress(GuestLayout.CODE), GuestLayout.HLT - GuestLayout.CODE);
            return engine;
          });
      placed = kernel;
    }
  }

  private long timed(CpuEngine engine, long n, long areaA) {
    layout.prepare(engine.registers(), n, areaA);
    long start = CpuTime.nanos();
    CpuExit exit = engine.run();
    long nanos = CpuTime.nanos() - start;
    if (exit != CpuExit.Halted.INSTANCE
        || engine.registers().read(Register.RIP) != GuestLayout.HLT + 1) {
      throw ended(engine, exit);
    }
    return nanos;
  }

  private BenchmarkException ended(CpuEngine engine, CpuExit exit) {
    return new BenchmarkException(
        String.format(
            "kernel %s ended at RIP 0x%x instead of returning: %s",
            placed, engine.registers().read(Register.RIP), exit.getClass().getSimpleName()));
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

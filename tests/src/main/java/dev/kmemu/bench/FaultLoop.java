package dev.kmemu.bench;

import dev.kmemu.emulator.boot.ElfImage;
import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.HostKernel;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.cpu.TrapVerdict;
import dev.kmemu.emulator.device.PortDevice;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.unicorn.Unicorn;
import dev.kmemu.firmware.BootBlock;
import dev.kmemu.firmware.FirmwareImage;
import dev.kmemu.firmware.FirmwarePorts;
import dev.kmemu.testkit.KernelMachine;
import dev.kmemu.vm.kmem.Kmem;
import dev.kmemu.vm.kmem.KmemSubmap;
import java.util.List;

/**
 * The firmware's fault loop under the kernel VM: each round touches every page of a pageable range
 * once. Between rounds, off the clock, the range is freed and allocated again, so that each fault
 * takes the whole way: map lookup, page allocation, zero fill, entry.
 */
final class FaultLoop implements AutoCloseable {

  static final int PAGES = 1024;

  private static final long BYTES = (long) PAGES * VirtualAddress.PAGE_SIZE;
  private static final long ENDLESS = Long.MAX_VALUE;

  private final KernelMachine kernel;
  private final KmemSubmap submap;
  private final VirtualAddress range;
  private final QuietCpu cpu;
  private final RoundPort port = new RoundPort();
  private final CountingKernel counter;

  FaultLoop(Unicorn unicorn) {
    FirmwareImage guest = FirmwareImage.faultLoop();
    kernel =
        KernelMachine.boot(
            unicorn,
            new RamSize(GuestLayout.RAM_BYTES),
            ElfImage.parse(guest.name(), guest.bytes()));
    cpu = new QuietCpu(kernel.machine(), new VirtualAddress(guest.symbol("faultloop_halt") + 1));
    counter = new CountingKernel(kernel.vm().hostKernel());
    kernel.machine().setHostKernel(counter);
    kernel.machine().ports().attach(FirmwarePorts.ROUND, 1, port);
    Kmem kmem = kernel.vm().kmem();
    submap = kmem.suballoc(kernel.vm().kernelMap(), "fault_loop_map", BYTES);
    range = kmem.allocPageable(submap.map(), BYTES).orThrow();
    VirtualAddress block = kmem.alloc(kernel.vm().kernelMap(), VirtualAddress.PAGE_SIZE).orThrow();
    BootBlock.Range pageable = new BootBlock.Range(range.value(), BYTES, BootBlock.Kind.PAGEABLE);
    kernel.write(block, new BootBlock(List.of(pageable)).toBytes());
    kernel.setRegister(Register.RDI, block.value());
    kernel.setRegister(Register.RSI, ENDLESS);
  }

  /** Runs {@code rounds} rounds; the result is the number of page faults that arrived. */
  GuestRun run(int rounds) {
    return cpu.call(engine -> run(engine, rounds));
  }

  @Override
  public void close() {
    kernel.close();
  }

  private GuestRun run(CpuEngine engine, int rounds) {
    counter.faults = 0;
    port.begin(rounds);
    CpuExit exit = engine.run();
    if (exit != CpuExit.HandlerEnded.INSTANCE || port.left != 0) {
      throw new BenchmarkException(
          String.format(
              "the fault loop ended at RIP 0x%x with %d rounds left: %s",
              engine.registers().read(Register.RIP), port.left, exit.getClass().getSimpleName()));
    }
    return new GuestRun(port.nanos, counter.faults);
  }

  private void takePagesAway() {
    Kmem kmem = kernel.vm().kmem();
    kmem.free(submap.map(), range, BYTES);
    VirtualAddress again = kmem.allocPageable(submap.map(), BYTES).orThrow();
    if (!again.equals(range)) {
      throw new BenchmarkException("the range moved from " + range + " to " + again);
    }
  }

  /** Stops the clock at the end of each round and ends the run after the last. */
  private final class RoundPort implements PortDevice {
    private int left;
    private long nanos;
    private long start;

    void begin(int rounds) {
      left = rounds;
      nanos = 0;
      start = CpuTime.nanos();
    }

    @Override
    public boolean write(int port, int size, int value) {
      nanos += CpuTime.nanos() - start;
      left--;
      takePagesAway();
      start = CpuTime.nanos();
      return left > 0;
    }
  }

  private static final class CountingKernel implements HostKernel {
    private final HostKernel kernel;
    private long faults;

    CountingKernel(HostKernel kernel) {
      this.kernel = kernel;
    }

    @Override
    public TrapVerdict pageFault(TrapFrame frame) {
      faults++;
      return kernel.pageFault(frame);
    }
  }
}

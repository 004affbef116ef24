package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuEngines;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.machine.MachineSnapshot;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.AccessCheck;
import dev.kmemu.emulator.mmu.AccessKind;
import dev.kmemu.emulator.mmu.AccessOutcome;
import dev.kmemu.emulator.mmu.PageWalker;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.mmu.WalkReport;
import dev.kmemu.emulator.snapshot.SnapshotException;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.KernelVmConfig;
import dev.kmemu.vm.pager.SwapConfig;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PmapProviderLoader;
import dev.kmemu.vm.report.AddressReport;
import java.util.List;

/**
 * A machine for tests: a kernel VM, no guest program, the CPU paused at CPL 0 in the kernel's
 * address space. {@link #reset} makes it as new, in less than a millisecond.
 *
 * <p>Test code may call the VM from any thread, and the CPU through {@link #guest}.
 */
public final class TestMachine implements AutoCloseable {

  /** What a run keeps. */
  static final List<Register> GENERAL =
      List.of(
          Register.RAX,
          Register.RBX,
          Register.RCX,
          Register.RDX,
          Register.RSI,
          Register.RDI,
          Register.RBP,
          Register.RSP,
          Register.R8,
          Register.R9,
          Register.R10,
          Register.R11,
          Register.R12,
          Register.R13,
          Register.R14,
          Register.R15,
          Register.RIP,
          Register.RFLAGS);

  private final MachineConfiguration configuration;
  private final Machine machine;
  private final KernelVm vm;
  private final GuestRunner runner;
  private final GuestTrace trace = new GuestTrace();
  private final PageWalker walker;
  private final MachineSnapshot fresh;

  private TestMachine(Machine machine, MachineConfiguration configuration) {
    this.configuration = configuration;
    this.machine = machine;
    vm = new KernelVm(machine.ram(), machine.tlb(), config(configuration));
    if (configuration.bufferBytes() > 0) {
      vm.startCpu(configuration.bufferBytes(), configuration.pagerBytes());
    }
    FaultRecorder recorder = new FaultRecorder(vm.hostKernel());
    machine.setHostKernel(recorder);
    machine.setMonitor(new MachineMonitor(this));
    machine.addSnapshotPart(vm.snapshots());
    walker = new PageWalker(machine.ram());
    runner = new GuestRunner(machine, vm, recorder);
    byte[] stubs = AccessStubs.code();
    machine.ram().write(new PhysicalAddress(Reserved.STUBS), stubs, 0, stubs.length);
    machine.onCpu(
        cpu -> {
          CpuSetup.enter(cpu, machine.ram(), vm.pml4().value(), configuration.features());
          return cpu;
        });
    fresh = machine.snapshot();
  }

  /**
   * Boots one.
   *
   * @throws IllegalArgumentException when RAM is too small for the VM, saying how much it needs, or
   *     the pmap can't be made, saying why
   */
  public static TestMachine boot(CpuEngines engines, MachineConfiguration configuration) {
    Machine machine = new Machine(engines, configuration.ram());
    try {
      return new TestMachine(machine, configuration);
    } catch (RuntimeException e) {
      machine.close();
      throw e;
    }
  }

  private static KernelVmConfig config(MachineConfiguration configuration) {
    KernelVmConfig config = KernelVmConfig.of(Reserved.FIRST_FREE);
    if (configuration.swapPages() > 0) {
      config = config.withSwap(new SwapConfig.Memory(configuration.swapPages()));
    }
    Class<? extends PmapProvider> pmap = configuration.pmap();
    return pmap == null
        ? config
        : config.withPmap(PmapProviderLoader.load(pmap.getName(), pmap.getClassLoader()));
  }

  /** Returns what it was made from. */
  public MachineConfiguration configuration() {
    return configuration;
  }

  /** Returns the machine. */
  public Machine machine() {
    return machine;
  }

  /** Returns the kernel VM. */
  public KernelVm vm() {
    return vm;
  }

  /** Returns the CPU, at CPL 0 in the kernel's address space. */
  public GuestCpu guest() {
    return new GuestCpu(this, new AddressSpace(vm.pmap(), null, 0));
  }

  /** Returns the last things that the guest did. */
  public GuestTrace trace() {
    return trace;
  }

  /**
   * Makes the machine as it was when it had booted: CPU, RAM, kernel VM and devices.
   *
   * @throws SnapshotException when somebody is still in the VM, naming the thread; close the
   *     machine then
   */
  public void reset() {
    machine.pause();
    machine.restore(fresh);
    trace.clear();
  }

  /**
   * Returns the page walk of an address, level by level, and what the VM thinks is there.
   *
   * @param pmap whose tables are walked
   */
  public String walk(Pmap pmap, VirtualAddress address) {
    PagingMode mode = mode(pmap);
    return WalkReport.of(mode, address, walker.walk(mode, address))
        + AddressReport.of(
            vm,
            pmap.tables().pml4().value(),
            address.value(),
            walker.translate(mode, address.value()));
  }

  long translate(Pmap pmap, VirtualAddress address) {
    return walker.translate(mode(pmap), address.value());
  }

  AccessOutcome predict(AddressSpace space, AccessKind kind, VirtualAddress address) {
    PagingMode mode = mode(space.pmap());
    return AccessCheck.check(mode, walker.walk(mode, address), kind, space.cpl());
  }

  private PagingMode mode(Pmap pmap) {
    return machine.onCpu(
        cpu -> {
          RegisterFile registers = cpu.registers();
          return PagingMode.of(
              registers.read(Register.CR0),
              pmap.tables().pml4().value(),
              registers.read(Register.CR4),
              registers.read(Register.EFER),
              registers.read(Register.RFLAGS));
        });
  }

  GuestRunner runner() {
    return runner;
  }

  /** Overwrites the last program, whose translated code is dropped. */
  void loadProgram(CpuEngine cpu, VirtualAddress origin, byte[] code) {
    machine.ram().write(new PhysicalAddress(Reserved.PROGRAM), code, 0, code.length);
    cpu.invalidateCode(origin, code.length);
  }

  @Override
  public void close() {
    machine.close();
    fresh.close();
    vm.close();
  }
}

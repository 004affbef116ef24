package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.trap.CrashReport;
import dev.kmemu.vm.KernelVm;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs code of the testkit's on the machine's CPU and finds out how it ended. */
final class GuestRunner {

  private static final long RFLAGS = 2;
  private static final int HLT = 0xF4;

  /** How a run ended: the faults that were served, and the exception that nobody answered. */
  record Result(List<GuestFault> served, @Nullable GuestFault end) {}

  private final Machine machine;
  private final KernelVm vm;
  private final FaultRecorder recorder;
  private final ShadowRoot shadow;
  private volatile long limitMillis = 10_000;

  GuestRunner(Machine machine, KernelVm vm, FaultRecorder recorder) {
    this.machine = machine;
    this.vm = vm;
    this.recorder = recorder;
    this.shadow = new ShadowRoot(machine.ram());
  }

  void setTimeLimit(long millis) {
    limitMillis = millis;
  }

  /**
   * Runs from a place among the testkit's own code to HLT.
   *
   * @param place the code's physical address
   * @param before sets registers
   * @param after looks at the registers
   */
  Result run(
      AddressSpace space, long place, Consumer<CpuEngine> before, Consumer<RegisterFile> after) {
    return machine.onCpu(
        cpu -> {
          enter(cpu, space, place);
          before.accept(cpu);
          try {
            Result result = result(runToHalt(cpu), recorder.take());
            after.accept(cpu.registers());
            return result;
          } finally {
            leave(space);
          }
        });
  }

  /** Goes to an address and executes INT3 there, which isn't seen in memory afterwards. */
  Result fetch(AddressSpace space, VirtualAddress address) {
    return machine.onCpu(
        cpu -> {
          enter(cpu, space, Reserved.STUBS);
          PlantedBreakpoint breakpoint =
              new PlantedBreakpoint(machine.ram(), cpu, space.pmap(), address);
          recorder.setAfterFault(
              () -> {
                follow(space);
                breakpoint.plant();
              });
          breakpoint.plant();
          cpu.registers().write(Register.RIP, address.value());
          Result result;
          try {
            CpuExit exit = cpu.step();
            while (exit == CpuExit.Stopped.INSTANCE) {
              exit = cpu.step();
            }
            result = result(exit, recorder.take());
          } finally {
            leave(space);
            breakpoint.remove();
          }
          GuestFault end = result.end();
          boolean refused =
              end != null
                  && end.isPageFault()
                  && end.address().equals(address)
                  && end.rip().equals(address);
          return refused ? result : new Result(result.served(), null);
        });
  }

  private void enter(CpuEngine cpu, AddressSpace space, long place) {
    forgetTheLastRun();
    RegisterFile registers = cpu.registers();
    long root = isShadowed(space) ? Reserved.ROOT : vm.pml4().value();
    follow(space);
    vm.trap().setUserMap(space.userMap());
    if (vm.currentPmap().get() != space.pmap() || registers.read(Register.CR3) != root) {
      vm.currentPmap().switchTo(space.pmap(), cr3 -> registers.write(Register.CR3, root));
    }
    recorder.setAfterFault(() -> follow(space));
    CpuSetup.setRing(cpu.state(), space.cpl());
    registers.write(Register.RFLAGS, RFLAGS);
    registers.write(Register.RSP, address(space, Reserved.STACK_TOP));
    registers.write(Register.RIP, address(space, place));
  }

  @SuppressWarnings("CheckReturnValue")
  private void forgetTheLastRun() {
    recorder.take();
    machine.takeCrash();
  }

  private void leave(AddressSpace space) {
    recorder.setAfterFault(() -> {});
    if (isShadowed(space)) {
      shadow.returnAccessed(space.pmap());
    }
  }

  private boolean isShadowed(AddressSpace space) {
    return space.isRing3() || space.pmap() != vm.pmap();
  }

  private void follow(AddressSpace space) {
    if (isShadowed(space)) {
      shadow.follow(space.pmap());
    }
  }

  /** Returns where code in {@code space} sees a place among the testkit's own. */
  static long address(AddressSpace space, long place) {
    return space.isRing3() ? Reserved.userAddress(place) : Reserved.kernelAddress(place);
  }

  private CpuExit runToHalt(CpuEngine cpu) {
    AtomicBoolean late = new AtomicBoolean();
    long limit = limitMillis;
    CompletableFuture<Void> clock =
        CompletableFuture.runAsync(
            () -> {
              late.set(true);
              cpu.requestStop();
            },
            CompletableFuture.delayedExecutor(limit, TimeUnit.MILLISECONDS));
    try {
      CpuExit exit = cpu.run();
      while (exit == CpuExit.Stopped.INSTANCE && !late.get()) {
        exit = cpu.continueRun();
      }
      if (exit == CpuExit.Stopped.INSTANCE) {
        throw new GuestHangsException(
            String.format(
                "the guest has run for %d ms and is at RIP 0x%x: end the program with hlt, or give"
                    + " it more with GuestCpu.setTimeLimit",
                limit, cpu.registers().read(Register.RIP)));
      }
      return exit;
    } finally {
      boolean unused = clock.cancel(false);
    }
  }

  private Result result(CpuExit exit, List<GuestFault> faults) {
    if (exit instanceof CpuExit.EngineFailed failed) {
      throw new IllegalStateException("the engine gave up: " + failed.reason(), failed.cause());
    }
    CrashReport crash = machine.takeCrash();
    if (crash == null || isEndOfProgram(crash)) {
      return new Result(faults, null);
    }
    List<GuestFault> served = new ArrayList<>(faults);
    if (crash.vector() == TrapFrame.PAGE_FAULT && !served.isEmpty()) {
      GuestFault last = served.get(served.size() - 1);
      if (!last.isServed()) {
        served.remove(served.size() - 1);
        return new Result(List.copyOf(served), last);
      }
    }
    GuestFault end =
        new GuestFault(
            crash.vector(),
            crash.errorCode(),
            crash.faultAddress(),
            crash.rip(),
            crash.cpl(),
            new VmAnswer(VmAnswer.Kind.NOT_ASKED, crash.reason()));
    return new Result(List.copyOf(served), end);
  }

  /** HLT raises #GP(0) at CPL 3, which is how a program there comes to its end. */
  private boolean isEndOfProgram(CrashReport crash) {
    long place = crash.rip().value() - Reserved.userAddress(Reserved.STUBS) + Reserved.STUBS;
    return crash.vector() == TrapFrame.GENERAL_PROTECTION
        && crash.cpl() != 0
        && place >= Reserved.STUBS
        && place < Reserved.STACK_TOP
        && read(place) == HLT;
  }

  private int read(long place) {
    byte[] octet = new byte[1];
    machine.ram().read(new PhysicalAddress(place), octet, 0, 1);
    return octet[0] & 0xFF;
  }
}

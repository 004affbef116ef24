package dev.kmemu.testkit;

import dev.kmemu.emulator.boot.ElfImage;
import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import dev.kmemu.firmware.FirmwareImage;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.fault.FaultHistory;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A guest that loads and stores single words and survives what comes of it. Nothing of the kernel's
 * memory is allocated for it.
 */
final class GuestProbe implements AutoCloseable {

  private static final RamSize RAM = new RamSize(16 << 20);

  /** {@code mov (%rdi),%rax; hlt; nop; mov %rax,(%rdi); hlt; nop; hlt}. */
  private static final byte[] CODE = HexFormat.of().parseHex("488b07f490488907f490f4");

  private static final int LOAD = 0;
  private static final int STORE = 5;
  private static final int RECOVERY = 10;

  /** A word to load or to store. */
  record Request(long va, boolean store, long word) {}

  /**
   * What came of a request.
   *
   * @param faults how many page faults the CPU raised
   * @param fault the last of them
   * @param rax the word
   * @param end how the run ended
   * @param recovered whether that was where {@code pcb_onfault} leads
   */
  record Answer(
      long faults, FaultHistory.@Nullable Fault fault, long rax, CpuExit end, boolean recovered) {}

  private final KernelMachine kernel;
  private final VirtualAddress code;

  GuestProbe() {
    FirmwareImage any = FirmwareImage.faultLoop();
    kernel = KernelMachine.boot(UnicornLoader.load(), RAM, ElfImage.parse(any.name(), any.bytes()));
    code = kernel.image().entry();
    kernel.write(code, CODE);
    VirtualAddress stack = new VirtualAddress(kernel.vm().kernelMap().first().start());
    kernel.vm().kmem().free(kernel.vm().kernelMap(), stack, KernelMachine.STACK_BYTES);
  }

  KernelVm vm() {
    return kernel.vm();
  }

  Answer load(long va) {
    return ask(List.of(new Request(va, false, 0))).get(0);
  }

  Answer store(long va, long word) {
    return ask(List.of(new Request(va, true, word))).get(0);
  }

  /** Has the CPU do one after the other. */
  List<Answer> ask(List<Request> requests) {
    return kernel
        .machine()
        .onCpu(
            cpu -> {
              List<Answer> answers = new ArrayList<>();
              vm().trap().setOnFault(code.plus(RECOVERY));
              requests.forEach(request -> answers.add(ask(cpu, request)));
              vm().trap().setOnFault(null);
              return answers;
            });
  }

  private Answer ask(CpuEngine cpu, Request request) {
    FaultHistory history = vm().trap().history();
    long before = history.recorded();
    cpu.registers().write(Register.RIP, code.plus(request.store() ? STORE : LOAD).value());
    cpu.registers().write(Register.RDI, request.va());
    cpu.registers().write(Register.RAX, request.word());
    CpuExit exit = cpu.run();
    while (exit == CpuExit.Stopped.INSTANCE) {
      exit = cpu.continueRun();
    }
    requireWhole(exit, cpu.registers().read(Register.RIP) - code.value(), request);
    long faults = history.recorded() - before;
    List<FaultHistory.Fault> recent = faults == 0 ? List.of() : history.recent();
    return new Answer(
        faults,
        faults == 0 ? null : recent.get(recent.size() - 1),
        cpu.registers().read(Register.RAX),
        exit,
        cpu.registers().read(Register.RIP) == code.plus(RECOVERY + 1).value());
  }

  /** A run that halts has done its request, or was sent to the recovery. */
  private static void requireWhole(CpuExit exit, long offset, Request request) {
    long done = (request.store() ? STORE : LOAD) + 4L;
    if (exit == CpuExit.Halted.INSTANCE && offset != done && offset != RECOVERY + 1) {
      throw new AssertionError(request + " halted " + offset + " bytes into the probe");
    }
  }

  @Override
  public void close() {
    kernel.close();
  }
}

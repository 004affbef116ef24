package dev.kmemu.bench;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * Tasks for the CPU's thread that nothing interrupts. {@link Machine#onCpu} stops the CPU for every
 * task, and the stop may arrive when the task is under way; here the task begins when the guest
 * halts, long after the last stop.
 */
final class QuietCpu {

  private final Machine machine;
  private final VirtualAddress hlt;
  private final CpuEngine cpu;
  private Runnable task = () -> {};

  /**
   * Takes the place of the machine's debugger.
   *
   * @param hlt the address of a HLT
   */
  QuietCpu(Machine machine, VirtualAddress hlt) {
    this.machine = machine;
    this.hlt = hlt;
    cpu = machine.onCpu(Function.identity());
    machine.debugTarget().attach(this::stopped);
  }

  /** Runs {@code work} on the CPU's thread; the task may let the guest run. */
  <T> T call(Function<CpuEngine, T> work) {
    CompletableFuture<T> done = new CompletableFuture<>();
    machine.onCpu(
        own -> {
          long rip = own.registers().read(Register.RIP);
          own.registers().write(Register.RIP, hlt.value());
          task =
              () -> {
                own.registers().write(Register.RIP, rip);
                complete(done, work);
              };
          return own;
        });
    machine.resume();
    try {
      return done.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private <T> void complete(CompletableFuture<T> done, Function<CpuEngine, T> work) {
    try {
      done.complete(work.apply(cpu));
    } catch (RuntimeException e) {
      done.completeExceptionally(e);
    }
  }

  private void stopped(StopReason reason) {
    task.run();
  }
}

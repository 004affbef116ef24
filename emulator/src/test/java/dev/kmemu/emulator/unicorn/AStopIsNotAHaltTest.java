package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** HLT ends a run without a word, and so does a stop: the two mustn't be mixed up. */
@Timeout(120)
class AStopIsNotAHaltTest {

  private final TestMachine machine = new TestMachine();
  private final List<String> unexpected = new ArrayList<>();

  @AfterEach
  void close() {
    machine.close();
  }

  private CpuExit runWhileOthersFlush() throws InterruptedException {
    AtomicBoolean ended = new AtomicBoolean();
    Thread[] flushers = new Thread[2];
    for (int i = 0; i < flushers.length; i++) {
      flushers[i] =
          new Thread(
              () -> {
                while (!ended.get()) {
                  machine.cpu.tlb().invalidatePage(new VirtualAddress(TestMachine.DATA));
                }
              });
      flushers[i].start();
    }
    try {
      return machine.cpu.run();
    } finally {
      ended.set(true);
      for (Thread flusher : flushers) {
        flusher.join();
      }
    }
  }

  @Test
  void aFlushThatAPortServesDoesNotEndTheRun() throws InterruptedException {
    // next: out 0x80, al; dec ecx; jnz next; hlt
    machine.code("e680 ffc9 75fa f4");
    machine.cpu.registers().write(Register.RCX, 20_000);
    assertThat(runWhileOthersFlush()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(machine.register(Register.RCX)).as("loops left").isZero();
  }

  @Test
  void aFlushThatATrapServesDoesNotEndTheRun() throws InterruptedException {
    // next: ud2; dec ecx; jnz next; hlt
    machine.code("0f0b ffc9 75fa f4");
    machine.cpu.registers().write(Register.RCX, 20_000);
    machine.cpu.setTrapHandler(
        frame -> {
          if (frame.vector() != TrapFrame.INVALID_OPCODE || frame.rip() != TestMachine.CODE) {
            unexpected.add(
                String.format("vector %d at 0x%x", frame.vector(), frame.rip() - TestMachine.CODE));
            return TrapAction.END;
          }
          frame.setRip(frame.rip() + 2);
          return TrapAction.RESUME;
        });
    CpuExit exit = runWhileOthersFlush();
    assertThat(unexpected).isEmpty();
    assertThat(exit).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(machine.register(Register.RCX)).as("loops left").isZero();
  }

  @Test
  void aBlockBehindAShortBranchThatEndsLikeAHltIsNotAHalt() throws InterruptedException {
    // outer: mov ecx, 1; inner: dec ecx; nop(8); jnz inner (75 f4); dec rdx; jnz outer; hlt
    machine.code("b901000000 ffc9 0f1f840000000000 75f4 48ffca 75ea f4");
    machine.cpu.registers().write(Register.RDX, 5_000_000);
    assertThat(runWhileOthersFlush()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(machine.register(Register.RDX)).as("loops left").isZero();
  }

  @Test
  void aStrayStopDoesNotEndTheNextRun() throws InterruptedException {
    // mov ecx, 3000; next: dec ecx; jnz next; hlt
    machine.code("b9b80b0000 ffc9 75fc f4");
    AtomicBoolean ended = new AtomicBoolean();
    Thread stopper =
        new Thread(
            () -> {
              while (!ended.get()) {
                machine.cpu.requestStop();
              }
            });
    stopper.start();
    for (int i = 0; i < 5000; i++) {
      machine.cpu.registers().write(Register.RIP, TestMachine.CODE);
      CpuExit exit;
      do {
        exit = machine.cpu.continueRun();
      } while (exit == CpuExit.Stopped.INSTANCE);
      assertThat(exit).isEqualTo(CpuExit.Halted.INSTANCE);
      assertThat(machine.register(Register.RCX)).as("loops left").isZero();
    }
    ended.set(true);
    stopper.join();
  }
}

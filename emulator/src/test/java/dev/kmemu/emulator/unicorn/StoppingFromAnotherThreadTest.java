package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StoppingFromAnotherThreadTest {

  private final TestMachine machine = new TestMachine();

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void noStopIsLostHoweverItFallsOnTheStart() throws InterruptedException {
    machine.code("ebfe"); // self: jmp self
    for (int i = 0; i < 2000; i++) {
      Thread stopper = new Thread(machine.cpu::requestStop);
      stopper.start();
      assertThat(machine.cpu.run()).isEqualTo(CpuExit.Stopped.INSTANCE);
      stopper.join();
    }
  }

  @Test
  void aFlushByAnotherThreadNeitherEndsTheRunNorLosesAnInstruction() throws InterruptedException {
    // mov ecx, 200000000; next: dec ecx; jnz next; hlt
    machine.code("b900c2eb0b ffc9 75fc f4");
    AtomicBoolean ended = new AtomicBoolean();
    Thread flusher =
        new Thread(
            () -> {
              while (!ended.get()) {
                machine.cpu.tlb().invalidatePage(new VirtualAddress(TestMachine.DATA));
              }
            });
    flusher.start();
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    ended.set(true);
    flusher.join();
    assertThat(machine.register(Register.RCX)).isZero();
    assertThat(machine.register(Register.RIP)).isEqualTo(TestMachine.CODE + 10);
  }

  @Test
  void aPageThatAnotherThreadTakesAwayIsGoneWhenTheFlushReturns() throws InterruptedException {
    machine.map(TestMachine.DATA, TestMachine.DATA);
    machine.code("48ff06 ebfb"); // next: inc qword [rsi]; jmp next
    machine.cpu.registers().write(Register.RSI, TestMachine.DATA);
    long[] seen = new long[2];
    Thread thief =
        new Thread(
            () -> {
              while (load() == 0) {
                Thread.onSpinWait();
              }
              machine.unmap(TestMachine.DATA);
              machine.cpu.tlb().invalidatePage(new VirtualAddress(TestMachine.DATA));
              seen[0] = load();
            });
    thief.start();
    CpuExit exit = machine.cpu.run(); // ends by the page fault, which nobody answers
    thief.join();
    seen[1] = load();
    assertThat(exit).isEqualTo(CpuExit.HandlerEnded.INSTANCE);
    assertThat(seen[1]).as("no write through the stale translation").isEqualTo(seen[0]);
  }

  private long load() {
    return machine.ram.load64(new dev.kmemu.emulator.memory.PhysicalAddress(TestMachine.DATA));
  }
}

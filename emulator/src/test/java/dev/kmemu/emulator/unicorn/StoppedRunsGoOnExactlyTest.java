package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A stop inside a block would make the part before it run twice. */
@Timeout(120)
class StoppedRunsGoOnExactlyTest {

  private static final int STOPS = 2000;

  private final TestMachine machine = new TestMachine();

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void aLoopThatCountsInMemoryCountsOnceARound() throws InterruptedException {
    machine.map(TestMachine.DATA, TestMachine.DATA);
    // next: inc rax; mov rbx, [rsi]; inc rbx; mov [rsi], rbx; inc qword [rsi+8]; inc rdx; jmp next
    machine.code("48ffc0 488b1e 48ffc3 48891e 48ff4608 48ffc2 ebeb");
    for (Register register : new Register[] {Register.RAX, Register.RDX}) {
      machine.cpu.registers().write(register, 0);
    }
    machine.cpu.registers().write(Register.RSI, TestMachine.DATA);
    AtomicBoolean done = new AtomicBoolean();
    Thread stopper =
        new Thread(
            () -> {
              while (!done.get()) {
                machine.cpu.requestStop();
              }
            });
    stopper.start();
    for (int i = 0; i < STOPS; i++) {
      assertThat(machine.cpu.run()).isEqualTo(CpuExit.Stopped.INSTANCE);
    }
    done.set(true);
    stopper.join();

    assertThat(machine.register(Register.RIP)).isEqualTo(TestMachine.CODE);
    long rounds = machine.register(Register.RAX);
    assertThat(rounds).isPositive();
    assertThat(machine.register(Register.RDX)).as("end of the block").isEqualTo(rounds);
    assertThat(memory(0)).as("read, changed, written").isEqualTo(rounds);
    assertThat(memory(8)).as("changed in memory").isEqualTo(rounds);
  }

  private long memory(long offset) {
    return machine.ram.load64(
        new dev.kmemu.emulator.memory.PhysicalAddress(TestMachine.DATA + offset));
  }
}

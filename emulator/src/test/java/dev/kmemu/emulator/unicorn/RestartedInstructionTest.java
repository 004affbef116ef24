package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.InstructionCounter;
import dev.kmemu.emulator.cpu.MemoryWatch;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Another thread stops the CPU while it begins an instruction anew. */
@Timeout(60)
class RestartedInstructionTest {

  private static final int STOPS = 2000;
  private static final long STORE = TestMachine.CODE + 3;
  private static final long PATCHED = TestMachine.CODE + 9;
  private static final long JUMP = TestMachine.CODE + 11;

  private final TestMachine machine = new TestMachine();
  private final AtomicBoolean done = new AtomicBoolean();
  private final Thread stopper =
      new Thread(
          () -> {
            while (!done.get()) {
              machine.cpu.requestStop();
            }
          });

  @BeforeEach
  void prepare() {
    // next: inc rax; inc byte [PATCHED + 1]; PATCHED: mov bl, 0; jmp next
    machine.code("48ffc0 fe0501000000 b300 ebf3");
    machine.cpu.registers().write(Register.RAX, 0);
  }

  @AfterEach
  void close() throws InterruptedException {
    done.set(true);
    stopper.join();
    machine.close();
  }

  private long executed() {
    long rip = machine.register(Register.RIP);
    int ofThisRound = rip == JUMP ? 3 : rip == PATCHED ? 2 : rip == STORE ? 1 : 0;
    long begun = machine.register(Register.RAX);
    return ofThisRound == 0 ? 4 * begun : 4 * (begun - 1) + ofThisRound;
  }

  @Test
  void itIsCountedOnce() {
    InstructionCounter counter = machine.cpu.instructionCounter().orElseThrow();
    counter.setCounting(true);
    counter.setCount(0);
    stopper.start();
    for (int i = 0; i < STOPS; i++) {
      assertThat(machine.cpu.run()).isEqualTo(CpuExit.Stopped.INSTANCE);
      assertThat(counter.count()).isEqualTo(executed());
    }
    assertThat(executed()).isPositive();
  }

  @Test
  void itIsOneHitOfAWatch() {
    machine.cpu.setWatches(
        List.of(new MemoryWatch(new VirtualAddress(PATCHED + 1), 1, false, true)));
    stopper.start();
    long hits = 0;
    for (int i = 0; i < STOPS; i++) {
      if (machine.cpu.run() instanceof CpuExit.WatchHit) {
        hits++;
        assertThat(machine.register(Register.RIP)).isEqualTo(PATCHED);
        assertThat(machine.register(Register.RAX)).isEqualTo(hits);
      }
    }
    assertThat(hits).isPositive();
  }
}

package dev.kmemu.bench;

import dev.kmemu.emulator.cpu.InterruptSource;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.machine.GuestOutcome;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.unicorn.Unicorn;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/** A guest that spins, and the time in which an interrupt from another thread reaches it. */
final class InterruptLatency implements AutoCloseable {

  private static final int VECTOR = 0x40;
  private static final int HANDLER = 0x1000;
  private static final long RFLAGS_IF = 0x202;

  /** loop: jmp loop. */
  private static final String SPIN = "ebfe";

  private static final String IRETQ = "48cf";

  private final Machine machine;
  private final Line line;

  InterruptLatency(Unicorn unicorn) {
    machine = new Machine(unicorn, new RamSize(GuestLayout.RAM_BYTES));
    line = new Line(machine);
    GuestLayout layout = new GuestLayout(machine.ram());
    layout.place(new byte[0]);
    EventTables tables = new EventTables(machine.ram());
    tables.place(0, SPIN);
    tables.place(HANDLER, IRETQ);
    tables.gate(VECTOR, HANDLER);
    machine.setInterruptController(line);
    machine.onCpu(
        engine -> {
          GuestLayout.enterLongMode(engine.registers());
          EventTables.load(engine.registers());
          layout.prepare(engine.registers(), 0, 0);
          engine.registers().write(Register.RFLAGS, RFLAGS_IF);
          return engine;
        });
    machine.resume();
  }

  /** Raises {@code n} interrupts and returns the median of nanoseconds until the CPU takes one. */
  long median(int n) {
    long[] latencies = new long[n];
    for (int i = 0; i < n; i++) {
      latencies[i] = line.raise();
    }
    Arrays.sort(latencies);
    return latencies[n / 2];
  }

  @Override
  public void close() {
    machine.close();
  }

  private static final class Line implements InterruptSource {

    private final Machine machine;
    private final CompletableFuture<GuestOutcome> outcome;
    private final AtomicBoolean raised = new AtomicBoolean();
    private volatile long takenAt;

    Line(Machine machine) {
      this.machine = machine;
      outcome = machine.outcome();
    }

    long raise() {
      takenAt = 0;
      long start = System.nanoTime();
      raised.set(true);
      machine.interruptsChanged();
      while (takenAt == 0) {
        if (outcome.isDone()) {
          throw new BenchmarkException("the guest has ended: " + outcome.join());
        }
        Thread.onSpinWait();
      }
      return takenAt - start;
    }

    @Override
    public boolean isPending() {
      return raised.get();
    }

    @Override
    public int acknowledge() {
      raised.set(false);
      takenAt = System.nanoTime();
      return VECTOR;
    }

    @Override
    public boolean isNmiPending() {
      return false;
    }

    @Override
    public void acknowledgeNmi() {}
  }
}

package dev.kmemu.emulator.device;

import dev.kmemu.emulator.cpu.InterruptSource;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The simplest interrupt controller: one maskable line that carries a vector, and one that can't be
 * masked. A line that is up stays up until the CPU takes its interrupt, or until it is lowered.
 * Callable from any thread.
 */
public final class InterruptLine implements InterruptSource {

  private static final int HIGHEST_VECTOR = 255;

  private final Runnable changed;
  private final AtomicInteger vector = new AtomicInteger(NONE);
  private final AtomicBoolean nmi = new AtomicBoolean();

  /**
   * Creates a pair of lines that are down.
   *
   * @param changed tells the CPU to look: {@code Machine::interruptsChanged}
   */
  public InterruptLine(Runnable changed) {
    this.changed = changed;
  }

  /**
   * Raises the line.
   *
   * @param number what the CPU is to be interrupted with, 0 to 255
   * @return false when the line was up already, and still carries its former vector
   */
  public boolean raise(int number) {
    if (number < 0 || number > HIGHEST_VECTOR) {
      throw new IllegalArgumentException("there is no vector " + number);
    }
    boolean raised = vector.compareAndSet(NONE, number);
    if (raised) {
      changed.run();
    }
    return raised;
  }

  /**
   * Lowers the line.
   *
   * @return whether it was up, so that the CPU doesn't take that interrupt any more
   */
  public boolean lower() {
    return vector.getAndSet(NONE) != NONE;
  }

  /**
   * Asks for a non-maskable interrupt.
   *
   * @return false when one was waiting already
   */
  public boolean nmi() {
    boolean raised = nmi.compareAndSet(false, true);
    if (raised) {
      changed.run();
    }
    return raised;
  }

  @Override
  public boolean isPending() {
    return vector.get() != NONE;
  }

  @Override
  public int acknowledge() {
    return vector.getAndSet(NONE);
  }

  @Override
  public boolean isNmiPending() {
    return nmi.get();
  }

  @Override
  public void acknowledgeNmi() {
    nmi.set(false);
  }
}

package dev.kmemu.emulator.unicorn;

import com.sun.jna.Pointer;
import java.lang.invoke.VarHandle;

/**
 * Gets a CPU out of translated code at the start of the next basic block, from any thread.
 *
 * <p>A wanted exit stays in the CPU's structure until the CPU has come out, so one that is wanted
 * just before the CPU goes in isn't lost. The CPU first resets the counter and then looks at the
 * interrupts; here it is the other way round, so that one of the two always sees the other.
 */
final class CpuExits {

  private final Pointer cpu;
  private final int request;
  private final Pointer counter;
  private boolean metered;
  private boolean watched;

  CpuExits(long cpu, CpuStructure structure) {
    this.cpu = new Pointer(cpu);
    this.request = structure.interruptRequest();
    this.counter = new Pointer(structure.counter(cpu));
  }

  long requestAddress() {
    return Pointer.nativeValue(cpu) + request;
  }

  long counterHighAddress() {
    return Pointer.nativeValue(counter) + CpuStructure.COUNTER_HIGH;
  }

  /** Makes the CPU come out with {@link Intercept#COME_OUT}. */
  synchronized void want() {
    cpu.setInt(request, Intercept.COME_OUT_REQUEST);
    VarHandle.fullFence();
    if (!metered && !watched) {
      counter.setShort(CpuStructure.COUNTER_HIGH, (short) -1);
    }
  }

  /** Leaves the counter to the {@link BlockMeter}, which looks at the request before each block. */
  synchronized void leaveCounterToMeter() {
    metered = true;
  }

  /**
   * Leaves the counter alone while {@link WatchHooks} look at the request before each instruction:
   * with them, an exit by the counter wouldn't find RIP at the block. Not during a run.
   */
  synchronized void leaveCounterToWatches(boolean leave) {
    watched = leave;
    counter.setShort(CpuStructure.COUNTER_HIGH, (short) 0);
  }

  /** Returns the CPU's address. */
  long cpuAddress() {
    return Pointer.nativeValue(cpu);
  }

  /**
   * Makes the CPU come out when one of {@code windows} opens, and forgets all else that was wanted:
   * the caller then looks whether anything has been wanted meanwhile. On the CPU's thread.
   *
   * @param windows requests of {@link Intercept}, 0 for none
   */
  void wantOnly(int windows) {
    cpu.setInt(request, windows);
    VarHandle.fullFence();
  }
}

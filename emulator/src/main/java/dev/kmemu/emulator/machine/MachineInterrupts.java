package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.InterruptSource;
import dev.kmemu.emulator.time.GuestTimers;
import org.jspecify.annotations.Nullable;

/** The CPU's lines as its machine wires them: what is due fires first, then the controller says. */
final class MachineInterrupts implements InterruptSource {

  private final GuestTimers timers;
  private volatile @Nullable InterruptSource controller;

  MachineInterrupts(GuestTimers timers) {
    this.timers = timers;
  }

  void setController(@Nullable InterruptSource source) {
    controller = source;
  }

  /** Whether anything could ever wake a CPU that waits with interrupts enabled. */
  boolean isConnected() {
    return controller != null;
  }

  @Override
  public boolean isPending() {
    timers.fireDue();
    InterruptSource source = controller;
    return source != null && source.isPending();
  }

  @Override
  public int acknowledge() {
    InterruptSource source = controller;
    return source == null ? NONE : source.acknowledge();
  }

  @Override
  public boolean isNmiPending() {
    InterruptSource source = controller;
    return source != null && source.isNmiPending();
  }

  @Override
  public void acknowledgeNmi() {
    InterruptSource source = controller;
    if (source != null) {
      source.acknowledgeNmi();
    }
  }
}

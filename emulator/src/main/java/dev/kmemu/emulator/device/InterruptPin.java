package dev.kmemu.emulator.device;

/** An input of an interrupt controller. Callable from any thread. */
@FunctionalInterface
public interface InterruptPin {

  /** A pin that leads nowhere. */
  InterruptPin UNCONNECTED = high -> {};

  /** Drives the pin. */
  void set(boolean high);

  /** Returns a pin that drives two. */
  static InterruptPin both(InterruptPin one, InterruptPin other) {
    return high -> {
      one.set(high);
      other.set(high);
    };
  }

  /** Drives the pin high for a moment: an edge. */
  default void pulse() {
    set(true);
    set(false);
  }
}

package dev.kmemu.vm.kern;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code panicstr}: the panic that ended a kernel. From then on {@link SleepQueue} lets nobody
 * sleep. Thread-safe.
 */
public final class PanicState {

  private volatile @Nullable KernelPanic first;

  /** Remembers {@code panic}, unless the kernel has panicked before. */
  public synchronized void record(KernelPanic panic) {
    if (first == null) {
      first = panic;
    }
  }

  /** Goes back to a kernel that had panicked with {@code panic}, or not yet. */
  public synchronized void restore(@Nullable KernelPanic panic) {
    first = panic;
  }

  /** Returns the first panic. */
  public Optional<KernelPanic> first() {
    return Optional.ofNullable(first);
  }

  boolean hasPanicked() {
    return first != null;
  }
}

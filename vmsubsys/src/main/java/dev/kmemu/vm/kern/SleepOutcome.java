package dev.kmemu.vm.kern;

/** How a {@code tsleep} ended. */
public enum SleepOutcome {

  /** 0: a wakeup, or nobody may sleep any more because the kernel has panicked. */
  WOKEN,

  /** {@code EWOULDBLOCK}: the time is up. */
  TIMED_OUT,

  /** {@code EINTR}: the thread was interrupted, and still is. */
  INTERRUPTED
}

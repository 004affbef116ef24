package dev.kmemu.vm.kern;

/** Is told of each sleep before it begins, for tracing and for tests of lost wakeups. */
@FunctionalInterface
public interface SleepObserver {

  /**
   * The calling thread is in {@code tsleep}, but on no queue yet unless it has interlocked: a
   * wakeup now is one between the caller's last test and its sleep. Its tokens are still held.
   */
  void beforeSleep(Object channel, String wmesg);
}

package dev.kmemu.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * CPU time of the calling thread: other load on the machine is kept out, as it is in {@code
 * floor.c}.
 */
final class CpuTime {

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private CpuTime() {}

  /** Returns nanoseconds since the thread started. */
  static long nanos() {
    return THREADS.getCurrentThreadCpuTime();
  }
}

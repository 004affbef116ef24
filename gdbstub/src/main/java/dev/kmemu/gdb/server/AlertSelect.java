package dev.kmemu.gdb.server;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;

/**
 * Keeps the event loop awake for a moment behind its last work: a debugger sends its next packet,
 * and a stepped CPU stops again, sooner than a parked thread wakes up. An idle loop parks.
 */
final class AlertSelect implements SelectStrategy {

  private static final long NANOS = 100_000;

  private long lastWork = System.nanoTime() - NANOS;

  @Override
  @SuppressWarnings("ThreadPriorityCheck") // whoever is to send the packet may need this core
  public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
    int ready = selectNow.get();
    if (ready > 0 || hasTasks) {
      lastWork = System.nanoTime();
      return ready;
    }
    if (System.nanoTime() - lastWork < NANOS) {
      Thread.yield();
      return CONTINUE;
    }
    return SELECT;
  }
}

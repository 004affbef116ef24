package dev.kmemu.vm.kern;

import java.util.function.BooleanSupplier;

/**
 * Decides which thread of a kernel runs next, for tests that choose the order themselves. A kernel
 * without one leaves that to the JVM.
 *
 * <p>Called by the kernel's own primitives, {@link Token}, {@link LockmgrLock} and {@link
 * SleepQueue}, on the thread concerned, which holds no monitor and no bucket of a sleep queue then.
 */
public interface ThreadScheduler {

  /**
   * The calling thread could go on, but others may run first. It keeps what it holds.
   *
   * @param where what it does next or has just done, such as {@code wakeup}
   */
  void mayPreempt(String where);

  /**
   * The calling thread can't go on: others run until {@code isOver} holds.
   *
   * @param channel what it waits for
   * @param wmesg why
   * @param isOver whether it may go on; asked by any thread while no other runs
   * @param limited whether the time that it waits is limited: it goes on at the latest when nobody
   *     else can
   * @return false when the time was up
   * @throws RuntimeException when nobody can go on ever
   */
  boolean await(Object channel, String wmesg, BooleanSupplier isOver, boolean limited);
}

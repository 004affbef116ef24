package dev.kmemu.campaign.sched;

import dev.kmemu.vm.kern.LockmgrLock;
import dev.kmemu.vm.kern.Token;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A thread of a section, and what it waits for. Only the thread that runs looks at it. */
final class KernelThread {

  /**
   * Why a thread can't go on.
   *
   * @param isOver whether it can again
   */
  record Wait(Object channel, String wmesg, BooleanSupplier isOver, boolean limited) {
    @Override
    public String toString() {
      // What has no text of its own has an address, which is another one each time.
      String what = channel.toString().replaceFirst("@[0-9a-f]+$", "");
      if (channel instanceof Token token) {
        Thread holder = token.holder();
        return "waits for " + what + holder(holder == null ? "" : holder.getName());
      }
      if (channel instanceof LockmgrLock lock) {
        LockmgrLock.Holders holders = lock.holders();
        String holder = holders.owner().or(holders::lastReader).orElse("");
        return "waits for the lock of " + what + holder(holder);
      }
      return "sleeps on " + what + ", " + wmesg;
    }

    private static String holder(String name) {
      return name.isEmpty() ? ", which is free" : ", which " + name + " holds";
    }
  }

  final int number;
  final Thread thread;
  private final Semaphore turn = new Semaphore(0);
  private final String description;
  @Nullable Wait waiting;
  boolean timedOut;
  boolean done;
  int points;

  KernelThread(int number, String description, Runnable body) {
    this.number = number;
    this.description = description;
    thread =
        new Thread(
            () -> {
              awaitTurn();
              body.run();
            },
            name(number));
    thread.setDaemon(true);
  }

  /** Returns what scripts and reports call a thread. */
  static String name(int number) {
    return "t" + (number + 1);
  }

  void awaitTurn() {
    turn.acquireUninterruptibly();
  }

  void giveTurn() {
    turn.release();
  }

  boolean canGoOn() {
    Wait wait = waiting;
    return !done && (wait == null || timedOut || wait.isOver().getAsBoolean());
  }

  /** Returns what it does and waits for. */
  String report() {
    Wait wait = waiting;
    return name(number) + " (" + description + ") " + (wait == null ? "goes on" : wait);
  }
}

package dev.kmemu.gdb;

/** A thread that runs a {@link ToyTarget}'s CPU whenever it was resumed. */
public final class ToyCpu {

  private final Thread thread;

  /** Starts the thread. */
  public ToyCpu(ToyTarget target) {
    thread =
        new Thread(
            () -> {
              try {
                run(target);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "toy cpu");
    thread.start();
  }

  /** Ends the thread. */
  public void stop() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void run(ToyTarget target) throws InterruptedException {
    while (!Thread.currentThread().isInterrupted()) {
      synchronized (target) {
        while (!target.isRunning()) {
          target.wait();
        }
        target.step();
      }
    }
  }
}

package dev.kmemu.cli.terminal;

import java.util.function.IntConsumer;

/**
 * Takes the keys that are for the program out of those that are for the guest: Ctrl-A x quits,
 * Ctrl-A Ctrl-A is one Ctrl-A, and Ctrl-A before anything else is dropped with it.
 */
public final class EscapeKeys implements IntConsumer {

  private static final int CTRL_A = 1;

  private final IntConsumer guest;
  private final Runnable quit;
  private boolean escaped;

  /**
   * Begins outside of an escape.
   *
   * @param guest takes the guest's keys
   * @param quit called for Ctrl-A x
   */
  public EscapeKeys(IntConsumer guest, Runnable quit) {
    this.guest = guest;
    this.quit = quit;
  }

  @Override
  public void accept(int key) {
    if (!escaped) {
      escaped = key == CTRL_A;
      if (!escaped) {
        guest.accept(key);
      }
      return;
    }
    escaped = false;
    if (key == CTRL_A) {
      guest.accept(key);
    } else if (key == 'x' || key == 'X') {
      quit.run();
    }
  }
}

package dev.kmemu.emulator.trap;

import java.util.List;

/** What became of an attempt to enter the guest's own handler. */
sealed interface Delivery {

  /** The CPU stands at the handler. */
  enum Done implements Delivery {
    INSTANCE
  }

  /**
   * A triple fault: neither the event nor the double fault that came of it can be delivered. The
   * CPU stands where it was.
   *
   * @param reason why the event itself couldn't be delivered, one phrase
   * @param attempts each exception on the way, in order, with its own reason, one line each
   */
  record Shutdown(String reason, List<String> attempts) implements Delivery {}
}

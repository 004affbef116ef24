package dev.kmemu.emulator.trap;

/** What became of an attempt to enter the guest's own handler. */
sealed interface Delivery {

  /** The frame stands at the handler. */
  enum Done implements Delivery {
    INSTANCE
  }

  /**
   * The guest has no usable handler; the frame is as it was.
   *
   * @param reason one line
   */
  record Refused(String reason) implements Delivery {}
}

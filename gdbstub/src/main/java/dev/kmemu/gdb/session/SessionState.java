package dev.kmemu.gdb.session;

/** How far one debugger's connection has come. */
enum SessionState {
  /** Nothing has been asked yet; the machine doesn't know of the connection. */
  CONNECTED,
  /** The CPU is paused for this debugger. */
  STOPPED,
  /** The CPU runs for this debugger, who waits for exactly one stop reply. */
  RUNNING,
  /** The machine has ended; all that is left is to say so. */
  ENDED,
  /** The debugger has let go of the machine, or is gone. Final. */
  DETACHED;

  /** Whether the session holds the machine. */
  boolean isAttached() {
    return this == STOPPED || this == RUNNING || this == ENDED;
  }

  /** Whether a session in this state may go on to {@code next}. */
  boolean mayBecome(SessionState next) {
    return switch (this) {
      case CONNECTED -> next != RUNNING && next != CONNECTED;
      case STOPPED -> next == RUNNING || next == ENDED || next == DETACHED;
      case RUNNING -> next == STOPPED || next == ENDED || next == DETACHED;
      case ENDED -> next == DETACHED;
      case DETACHED -> false;
    };
  }
}

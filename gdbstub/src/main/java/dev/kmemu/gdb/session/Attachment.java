package dev.kmemu.gdb.session;

import org.jspecify.annotations.Nullable;

/** Which session holds the machine: one at a time. Only for the server's one event loop. */
final class Attachment {

  private @Nullable Object holder;
  private boolean abandoned;

  /** Creates an attachment that nobody holds. */
  Attachment() {}

  /** Whether some session holds the machine. */
  boolean isTaken() {
    return holder != null;
  }

  /** Takes the machine for {@code session}; false when another one has it. */
  boolean take(Object session) {
    if (holder != null) {
      return false;
    }
    holder = session;
    abandoned = false;
    return true;
  }

  /** Notes that the holder left the machine as it was. */
  void abandon() {
    abandoned = true;
  }

  /** Whether the last session left the machine as it was, maybe paused. */
  boolean isAbandoned() {
    return abandoned;
  }

  /** Gives the machine back, when {@code session} has it. */
  void giveBack(Object session) {
    if (holder == session) {
      holder = null;
    }
  }
}

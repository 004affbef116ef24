package dev.kmemu.gdb.session;

import org.jspecify.annotations.Nullable;

/** Which session holds the machine: one at a time. Only for the server's one event loop. */
final class Attachment {

  private @Nullable Object holder;

  /** Creates an attachment that nobody holds. */
  Attachment() {}

  /** Takes the machine for {@code session}; false when another one has it. */
  boolean take(Object session) {
    if (holder != null) {
      return false;
    }
    holder = session;
    return true;
  }

  /** Gives the machine back, when {@code session} has it. */
  void giveBack(Object session) {
    if (holder == session) {
      holder = null;
    }
  }
}

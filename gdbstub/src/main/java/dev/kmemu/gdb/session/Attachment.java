package dev.kmemu.gdb.session;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which session holds the machine: one at a time. Only for the server's one event loop. */
final class Attachment {

  private final List<Runnable> waiting = new ArrayList<>();
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

  /** Has {@code wake} run, once, when the machine is given back. */
  void awaitReturn(Runnable wake) {
    waiting.add(wake);
  }

  /** Takes {@link #awaitReturn} back; harmless when it has run. */
  void stopAwaiting(Runnable wake) {
    waiting.remove(wake);
  }

  /** Gives the machine back, when {@code session} has it, and wakes whoever waits for that. */
  void giveBack(Object session) {
    if (holder == session) {
      holder = null;
      List<Runnable> woken = List.copyOf(waiting);
      waiting.clear();
      woken.forEach(Runnable::run);
    }
  }
}

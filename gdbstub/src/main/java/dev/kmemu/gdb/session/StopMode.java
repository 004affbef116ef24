package dev.kmemu.gdb.session;

import dev.kmemu.gdb.packet.Reply;

/** How a debugger hears of the CPU's stops (GDB manual, All-Stop Mode and Non-Stop Mode). */
enum StopMode {

  /** The reply to what resumed the CPU is its next stop. */
  ALL_STOP,

  /** A resume is answered at once, and a stop is told by a notification. */
  NON_STOP;

  /** Returns the reply to what has let the CPU run, and to what has asked a running one to stop. */
  Reply underWay() {
    return this == ALL_STOP ? new Reply.Deferred() : new Reply.Ok();
  }

  /** Returns how the end of a run is told, {@code reply} being what {@code ?} is answered with. */
  Reply endOfRun(Reply reply) {
    return this == NON_STOP && reply instanceof Reply.Stop stop
        ? new Reply.StopNotification(stop.stop())
        : reply;
  }

  /** Returns the reply to {@code vStopped}: the only CPU's stop has just been read. */
  Reply nextStop() {
    return this == ALL_STOP ? new Reply.Unsupported() : new Reply.Ok();
  }

  /** Asks a running CPU to stop for {@code vCont;t}, which is a signal in all-stop mode alone. */
  void requestStop(Execution execution) {
    if (this == ALL_STOP) {
      execution.interrupt();
    } else {
      execution.stopByAction();
    }
  }

  /** Whether the debugger waits for the CPU while that runs. */
  boolean isAllStop() {
    return this == ALL_STOP;
  }
}

package dev.kmemu.gdb.packet;

import dev.kmemu.gdb.wire.Payload;

/** What a packet is answered with. */
public sealed interface Reply {

  /** {@code OK}. */
  record Ok() implements Reply {}

  /** The empty packet: the stub doesn't know the request. */
  record Unsupported() implements Reply {}

  /**
   * {@code E.reason}, or {@code Enn} for a debugger that doesn't read reasons.
   *
   * @param reason one line for a person
   */
  record Failure(ErrorCode code, String reason) implements Reply {}

  /** The reply's bytes as they are. */
  record Data(Payload payload) implements Reply {

    /** Creates a reply of Latin-1 characters. */
    public Data(String text) {
      this(Payload.of(text));
    }
  }

  /** Text for the debugger's console, then {@code OK}. */
  record Console(String text) implements Reply {}

  /** Why the CPU isn't running. */
  record Stop(StopReply stop) implements Reply {}

  /** Why the CPU isn't running, which nobody asked in this moment. */
  record StopNotification(StopReply stop) implements Reply {}

  /** Nothing yet: the CPU runs, its next stop is the reply. */
  record Deferred() implements Reply {}

  /** Nothing at all: the connection ends. */
  record HangUp() implements Reply {}
}

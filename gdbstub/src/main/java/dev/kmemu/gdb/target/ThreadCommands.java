package dev.kmemu.gdb.target;

import dev.kmemu.gdb.packet.ErrorCode;
import dev.kmemu.gdb.packet.Reply;
import dev.kmemu.gdb.packet.ThreadId;
import dev.kmemu.gdb.packet.ThreadPacket;

/** Answers H, T, qC and the thread list: the machine's one CPU is thread 1. */
public final class ThreadCommands {

  /** The only CPU. */
  public static final int CPU = 1;

  /** The document behind {@code qXfer:threads:read}. */
  static final String XML =
      "<?xml version=\"1.0\"?>\n<threads>\n<thread id=\"1\" core=\"0\" name=\"cpu0\"/>\n</threads>\n";

  /** Creates the commands. */
  public ThreadCommands() {}

  /** Answers a packet. */
  public Reply answer(ThreadPacket packet) {
    if (packet instanceof ThreadPacket.Select select) {
      return existing(select.thread());
    } else if (packet instanceof ThreadPacket.IsAlive alive) {
      return existing(alive.thread());
    } else if (packet instanceof ThreadPacket.Current) {
      return new Reply.Data("QC" + CPU);
    } else if (packet instanceof ThreadPacket.FirstThreads) {
      return new Reply.Data("m" + CPU);
    } else if (packet instanceof ThreadPacket.MoreThreads) {
      return new Reply.Data("l");
    }
    return new Reply.Unsupported();
  }

  private static Reply existing(ThreadId thread) {
    if (thread.includes(CPU)) {
      return new Reply.Ok();
    }
    return new Reply.Failure(
        ErrorCode.NO_THREAD, "no thread " + thread.value() + "; the CPU is thread " + CPU);
  }
}

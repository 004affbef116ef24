package dev.kmemu.gdb.target;

import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.gdb.packet.ErrorCode;
import dev.kmemu.gdb.packet.Reply;
import dev.kmemu.gdb.packet.ThreadId;
import dev.kmemu.gdb.packet.ThreadPacket;
import dev.kmemu.gdb.wire.Hex;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Answers H, T, qC, qThreadExtraInfo and the thread list: the machine's one CPU is thread 1. */
public final class ThreadCommands {

  /** The only CPU. */
  public static final int CPU = 1;

  /** The document behind {@code qXfer:threads:read}. */
  static final String XML =
      "<?xml version=\"1.0\"?>\n<threads>\n<thread id=\"1\" core=\"0\" name=\"cpu0\"/>\n</threads>\n";

  private final DebugTarget target;

  /** Creates the commands. */
  public ThreadCommands(DebugTarget target) {
    this.target = target;
  }

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
    } else if (packet instanceof ThreadPacket.ExtraInfo info) {
      return info.thread().includes(CPU) ? extraInfo() : existing(info.thread());
    }
    return new Reply.Unsupported();
  }

  private Reply extraInfo() {
    @Nullable StopReason reason = target.stopReason();
    String state =
        reason == null ? "running" : reason instanceof StopReason.Halted ? "halted" : "stopped";
    byte[] text = ("cpu0, " + state).getBytes(StandardCharsets.US_ASCII);
    return new Reply.Data(Hex.of(text, 0, text.length));
  }

  private static Reply existing(ThreadId thread) {
    if (thread.includes(CPU)) {
      return new Reply.Ok();
    }
    return new Reply.Failure(
        ErrorCode.NO_THREAD, "no thread " + thread.value() + "; the CPU is thread " + CPU);
  }
}

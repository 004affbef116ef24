package dev.kmemu.gdb.packet;

import dev.kmemu.gdb.wire.Hex;
import java.util.List;

/** Why the CPU isn't running (GDB manual, Stop Reply Packets). */
public sealed interface StopReply {

  /** Returns the reply's characters. */
  String text();

  /** What stopped the CPU, beyond the signal. */
  enum Cause {
    /** Nothing more to say. */
    NONE(""),
    /** A breakpoint that {@code Z0} planted. */
    SOFTWARE_BREAKPOINT("swbreak:;"),
    /** A breakpoint that {@code Z1} planted. */
    HARDWARE_BREAKPOINT("hwbreak:;");

    private final String text;

    Cause(String text) {
      this.text = text;
    }
  }

  /**
   * A register that is sent along so that the debugger needn't ask.
   *
   * @param number its place in the target description
   * @param value its bytes as hex digits, in memory order
   */
  record Expedited(int number, String value) {}

  /**
   * {@code T}: the CPU can be resumed.
   *
   * @param signal the number that gdb has for the signal
   */
  record Stopped(Signal signal, int thread, Cause cause, List<Expedited> registers)
      implements StopReply {

    /** Copies the list. */
    public Stopped {
      registers = List.copyOf(registers);
    }

    @Override
    public String text() {
      StringBuilder text = new StringBuilder("T");
      appendByte(text, signal.number()).append(cause.text);
      text.append("thread:").append(Integer.toHexString(thread)).append(';');
      for (Expedited register : registers) {
        appendByte(text, register.number()).append(':').append(register.value()).append(';');
      }
      return text.toString();
    }
  }

  /**
   * {@code W}: the machine has ended.
   *
   * @param status its exit status, 0 to 255
   */
  record Exited(int status) implements StopReply {
    @Override
    public String text() {
      return appendByte(new StringBuilder("W"), status).toString();
    }
  }

  private static StringBuilder appendByte(StringBuilder text, int value) {
    return text.append(Hex.digit(value >> 4)).append(Hex.digit(value));
  }
}

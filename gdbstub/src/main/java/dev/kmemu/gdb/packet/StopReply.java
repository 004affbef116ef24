package dev.kmemu.gdb.packet;

import dev.kmemu.emulator.debug.Watchpoint;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.gdb.wire.Payload;
import dev.kmemu.gdb.wire.PayloadBuilder;
import java.util.List;

/** Why the CPU isn't running (GDB manual, Stop Reply Packets). */
public sealed interface StopReply {

  /** Returns the reply's bytes. */
  Payload payload();

  /**
   * What stopped the CPU, beyond the signal.
   *
   * @param text the name, a colon, a value and a semicolon; or nothing
   */
  record Cause(String text) {

    /** Nothing more to say. */
    public static final Cause NONE = new Cause("");

    /** A breakpoint that {@code Z0} planted. */
    public static final Cause SOFTWARE_BREAKPOINT = new Cause("swbreak:;");

    /** A breakpoint that {@code Z1} planted. */
    public static final Cause HARDWARE_BREAKPOINT = new Cause("hwbreak:;");

    /** The first moment that the machine remembers, reached backwards. */
    public static final Cause HISTORY_BEGIN = new Cause("replaylog:begin;");

    /** The last moment that the machine remembers, reached forwards. */
    public static final Cause HISTORY_END = new Cause("replaylog:end;");

    /** Returns the cause for a watchpoint, whose byte at {@code address} was used. */
    public static Cause watchpoint(Watchpoint.Kind kind, VirtualAddress address) {
      String name =
          switch (kind) {
            case WRITE -> "watch";
            case READ -> "rwatch";
            case ACCESS -> "awatch";
          };
      return new Cause(name + ":" + Long.toHexString(address.value()) + ";");
    }
  }

  /**
   * A 64-bit register that is sent along so that the debugger needn't ask.
   *
   * @param number its place in the target description
   */
  record Expedited(int number, long value) {}

  /**
   * {@code T}: the CPU can be resumed.
   *
   * @param signal the number that gdb has for the signal
   */
  record Stopped(Signal signal, int thread, Cause cause, List<Expedited> registers)
      implements StopReply {

    private static final int USUAL_BYTES = 128;

    /** Copies the list. */
    public Stopped {
      registers = List.copyOf(registers);
    }

    @Override
    public Payload payload() {
      PayloadBuilder text = new PayloadBuilder(USUAL_BYTES);
      text.put('T').hexByte(signal.number()).put(cause.text());
      text.put("thread:").hexNumber(thread).put(';');
      for (Expedited register : registers) {
        text.hexByte(register.number()).put(':').hexLittleEndian(register.value()).put(';');
      }
      return text.build();
    }
  }

  /**
   * {@code W}: the machine has ended.
   *
   * @param status its exit status, 0 to 255
   */
  record Exited(int status) implements StopReply {
    @Override
    public Payload payload() {
      return new PayloadBuilder(3).put('W').hexByte(status).build();
    }
  }

  /** {@code N}: the debugger let no CPU run, so that none will stop. */
  record NoneResumed() implements StopReply {
    @Override
    public Payload payload() {
      return Payload.of("N");
    }
  }
}

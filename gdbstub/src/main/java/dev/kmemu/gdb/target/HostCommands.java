package dev.kmemu.gdb.target;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.gdb.packet.HostPacket;
import dev.kmemu.gdb.packet.Reply;
import dev.kmemu.gdb.wire.Hex;
import java.nio.charset.StandardCharsets;

/** Answers what only lldb asks: what the machine is, its registers, its one thread. */
public final class HostCommands {

  /** The machine, to a debugger that knows processes. */
  public static final int PROCESS = 1;

  private static final String TRIPLE = "x86_64-unknown-unknown";

  /** How lldb is told that there is no such register. */
  private static final String NO_REGISTER = "E45";

  private final RegisterLayout layout;
  private final RegisterCommands registers;

  /** Creates the commands for the registers of {@code layout}. */
  public HostCommands(RegisterLayout layout, RegisterCommands registers) {
    this.layout = layout;
    this.registers = registers;
  }

  /**
   * Answers a packet.
   *
   * @param reason why the CPU stopped the last time
   */
  public Reply answer(HostPacket packet, StopReason reason) {
    if (packet instanceof HostPacket.HostInfo) {
      return new Reply.Data(
          "triple:"
              + triple()
              + ";endian:little;ptrsize:8;vm-page-size:"
              + VirtualAddress.PAGE_SIZE
              + ";");
    } else if (packet instanceof HostPacket.ProcessInfo) {
      return new Reply.Data("pid:" + PROCESS + ";triple:" + triple() + ";endian:little;ptrsize:8;");
    } else if (packet instanceof HostPacket.RegisterInfo info) {
      return new Reply.Data(registerInfo(info.number()));
    } else if (packet instanceof HostPacket.ThreadsInfo) {
      return new Reply.Data(threads(reason));
    }
    return new Reply.Unsupported();
  }

  private static String triple() {
    byte[] bytes = TRIPLE.getBytes(StandardCharsets.US_ASCII);
    return Hex.of(bytes, 0, bytes.length);
  }

  private String registerInfo(int number) {
    if (number >= layout.slots().size()) {
      return NO_REGISTER;
    }
    RegisterSlot slot = layout.slots().get(number);
    int offset = layout.slots().subList(0, number).stream().mapToInt(RegisterSlot::bytes).sum();
    boolean wide = slot.bytes() > Long.BYTES;
    return "name:"
        + slot.name()
        + ";bitsize:"
        + slot.bytes() * Byte.SIZE
        + ";offset:"
        + offset
        + (wide ? ";encoding:vector;format:vector-uint8" : ";encoding:uint;format:hex")
        + ";set:"
        + layout.featureOf(number).title()
        + ";"
        + generic(slot.register());
  }

  private static String generic(Register register) {
    return switch (register) {
      case RIP -> "generic:pc;";
      case RSP -> "generic:sp;";
      case RBP -> "generic:fp;";
      case RFLAGS -> "generic:flags;";
      default -> "";
    };
  }

  private String threads(StopReason reason) {
    StringBuilder values = new StringBuilder();
    for (var register : registers.expedited()) {
      if (values.length() > 0) {
        values.append(',');
      }
      String value = String.format("%016x", Long.reverseBytes(register.value()));
      values.append('"').append(register.number()).append("\":\"").append(value).append('"');
    }
    return "[{\"tid\":"
        + ThreadCommands.CPU
        + ",\"name\":\"cpu0\",\"reason\":\""
        + reasonText(reason)
        + "\",\"registers\":{"
        + values
        + "}}]";
  }

  private static String reasonText(StopReason reason) {
    if (reason instanceof StopReason.Breakpoint) {
      return "breakpoint";
    } else if (reason instanceof StopReason.Watched) {
      return "watchpoint";
    } else if (reason instanceof StopReason.Crashed) {
      return "exception";
    } else if (reason instanceof StopReason.Stepped) {
      return "trace";
    }
    return "none";
  }
}

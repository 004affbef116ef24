package dev.kmemu.gdb.packet;

import dev.kmemu.gdb.wire.FrameLimits;
import dev.kmemu.gdb.wire.Hex;
import dev.kmemu.gdb.wire.Payload;
import dev.kmemu.gdb.wire.PayloadBuilder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Turns replies into payloads.
 *
 * @param limits bounds each piece of console text
 * @param errorText whether the debugger offered {@code error-message}
 */
public record ReplyFormat(FrameLimits limits, boolean errorText) {

  private static final Payload OK = Payload.of("OK");

  /** Hands the payloads of {@code reply}, possibly none, to {@code out} in order. */
  public void write(Reply reply, Consumer<Payload> out) {
    if (reply instanceof Reply.Ok) {
      out.accept(OK);
    } else if (reply instanceof Reply.Unsupported) {
      out.accept(Payload.empty());
    } else if (reply instanceof Reply.Failure failure) {
      out.accept(Payload.of(errorText ? withReason(failure) : withNumber(failure)));
    } else if (reply instanceof Reply.Data data) {
      out.accept(data.payload());
    } else if (reply instanceof Reply.Console console) {
      writeConsole(console.text(), out);
      out.accept(OK);
    } else if (reply instanceof Reply.Stop stop) {
      out.accept(stop.stop().payload());
    }
  }

  /** Hands {@code text} to {@code out} as {@code O} packets, as many as the limit asks for. */
  public void writeConsole(String text, Consumer<Payload> out) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int most = (limits.packetBytes() - 1) / 2;
    for (int start = 0; start < bytes.length; start += most) {
      int length = Math.min(most, bytes.length - start);
      out.accept(new PayloadBuilder(1 + 2 * length).put('O').hex(bytes, start, length).build());
    }
  }

  private static String withNumber(Reply.Failure failure) {
    int number = failure.code().number();
    return "E" + Hex.digit(number >> 4) + Hex.digit(number);
  }

  /** The debugger shows the reason without undoing escapes: it may hold none. */
  static String withReason(Reply.Failure failure) {
    return "E." + failure.reason().replaceAll("[^ -~]|[#$}*]", "?");
  }
}

package dev.kmemu.cli;

import dev.kmemu.cli.terminal.CharacterLine;
import dev.kmemu.cli.terminal.SerialInput;
import dev.kmemu.cli.terminal.SerialSocket;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/** The end of the serial line that is outside of the machine. */
final class SerialLine implements AutoCloseable {

  private final SerialTarget target;
  private final OutputStream end;
  private final SerialOutput output;
  private @Nullable SerialInput input;

  private SerialLine(String name, SerialTarget target, OutputStream end) {
    this.target = target;
    this.end = end;
    this.output = new SerialOutput("--" + name, end, e -> target.failed(name, e));
  }

  /**
   * Opens {@code target}; a socket is announced on {@code people}.
   *
   * @param name of the device: of its option, without the dashes
   */
  static SerialLine open(String name, SerialTarget target, PrintStream people) {
    OutputStream end = target.open(name);
    if (end instanceof SerialSocket socket && target.endpoint() != null) {
      new Listening("--" + name, target.endpoint())
          .announce(name, socket.endpoint(), "talks to the guest", people);
    }
    return new SerialLine(name, target, end);
  }

  /** Whether it is on this program's standard input and output. */
  boolean isStandard() {
    return target.isStandard();
  }

  /** Returns what takes the characters that the guest transmits. */
  SerialOutput output() {
    return output;
  }

  /**
   * Lets {@code line} receive what comes in.
   *
   * @param keys whether it is typed at a terminal in raw mode
   * @param quit called for the keys that end the program
   */
  void connect(CharacterLine line, boolean keys, Runnable quit) {
    if (isStandard()) {
      input = new SerialInput(System.in, line, keys, quit);
    } else if (end instanceof SerialSocket socket) {
      input = new SerialInput(socket.input(), line, false, quit);
    }
  }

  /** Lets nothing in any more. */
  void disconnect() {
    SerialInput connected = input;
    if (connected != null) {
      connected.stop();
      input = null;
    }
  }

  @Override
  public void close() throws IOException {
    disconnect();
    if (!isStandard()) {
      output.close();
    }
  }
}

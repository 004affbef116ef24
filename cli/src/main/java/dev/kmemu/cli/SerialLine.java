package dev.kmemu.cli;

import dev.kmemu.cli.terminal.SerialInput;
import dev.kmemu.cli.terminal.SerialSocket;
import dev.kmemu.emulator.device.Uart16550;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/** The end of the serial line that is outside of the machine. */
final class SerialLine implements AutoCloseable {

  private final SerialTarget target;
  private final OutputStream output;
  private @Nullable SerialInput input;

  private SerialLine(SerialTarget target, OutputStream output) {
    this.target = target;
    this.output = output;
  }

  /** Opens {@code target}; a socket is announced on {@code people}. */
  static SerialLine open(SerialTarget target, PrintStream people) {
    OutputStream output = target.open();
    if (output instanceof SerialSocket socket && target.endpoint() != null) {
      new Listening("--serial", target.endpoint())
          .announce("serial", socket.endpoint(), "talks to the guest", people);
    }
    return new SerialLine(target, output);
  }

  /** Whether it is on this program's standard input and output. */
  boolean isStandard() {
    return target.isStandard();
  }

  /** Returns what takes the characters that the guest transmits. */
  OutputStream output() {
    return output;
  }

  /**
   * Lets {@code uart} receive what comes in.
   *
   * @param keys whether it is typed at a terminal in raw mode
   * @param quit called for the keys that end the program
   */
  void connect(Uart16550 uart, boolean keys, Runnable quit) {
    if (isStandard()) {
      input = new SerialInput(System.in, uart, keys, quit);
    } else if (output instanceof SerialSocket socket) {
      input = new SerialInput(socket.input(), uart, false, quit);
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
    output.close();
  }
}

package dev.kmemu.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What the guest transmits. Output that can't be written, such as to a pipe that nobody reads any
 * more, is dropped: the guest doesn't notice.
 */
final class SerialOutput implements IntConsumer {

  private @Nullable OutputStream out;

  SerialOutput(OutputStream out) {
    this.out = out;
  }

  @Override
  public void accept(int character) {
    OutputStream open = out;
    if (open == null) {
      return;
    }
    try {
      open.write(character);
    } catch (IOException e) {
      out = null;
    }
  }
}
